import { describe, expect, it } from "vitest";

import type { FlowDocument } from "../api/types";
import { bundles, ends, neighbour, NODE_HEIGHT, NODE_WIDTH, positions, viewFor } from "./geometry";

const node = (id: string) => ({ id, type: "flow.stop@1", name: id });
const DOCUMENT: FlowDocument = {
  format: 1,
  slug: "a",
  name: "A",
  connections: {},
  nodes: ["start", "branch", "side", "join"].map(node),
  edges: [
    { from: "start", port: "out", to: "branch" },
    { from: "branch", port: "yes", to: "side" },
    { from: "side", port: "out", to: "join" },
    { from: "branch", port: "no", to: "join" },
  ],
};

describe("positions", () => {
  it("takes the document's layout when it is whole", () => {
    const nodes = Object.fromEntries(DOCUMENT.nodes.map((one, index) => [one.id, { x: 0, y: index * 112 }]));
    expect(positions({ ...DOCUMENT, layout: { nodes } }).get("join")).toEqual({ x: 0, y: 336 });
  });

  it("lays out the rest without nodes on top of each other", () => {
    const placed = [...positions({ ...DOCUMENT, layout: { nodes: { start: { x: 0, y: 0 } } } }).values()];
    placed.forEach((one, index) =>
      placed.slice(index + 1).forEach((other) => {
        expect(Math.abs(one.x - other.x) >= NODE_WIDTH || Math.abs(one.y - other.y) >= NODE_HEIGHT).toBe(true);
      }),
    );
  });
});

describe("positions without a layout", () => {
  it("stand around their first node", () => {
    expect(positions(DOCUMENT).get("start")?.x).toBe(0);
  });
});

describe("ends", () => {
  const at = new Map([
    ["start", { x: 0, y: 0 }],
    ["branch", { x: 0, y: 112 }],
    ["side", { x: 312, y: 224 }],
    ["join", { x: 0, y: 336 }],
  ]);
  it("runs straight down where it can, and out of the side to the side", () => {
    expect(DOCUMENT.edges.map((one) => ends(one, at))).toEqual([
      { from: "bottom", to: "top" },
      { from: "right", to: "top" },
      { from: "bottom", to: "right" },
      { from: "bottom", to: "top" },
    ]);
  });

  it("goes around a node that stands in between", () => {
    const blocked = new Map([...at, ["side", { x: 0, y: 224 }]] as [string, { x: number; y: number }][]);
    expect(ends({ from: "branch", port: "no", to: "join" }, blocked)).toEqual({ from: "left", to: "left" });
  });

  it("takes errors out at the right", () => {
    expect(ends({ from: "branch", port: "error", to: "side" }, at)).toEqual({ from: "right", to: "top" });
  });
});

describe("neighbour", () => {
  const at = new Map([
    ["start", { x: 0, y: 0 }],
    ["left", { x: -312, y: 112 }],
    ["right", { x: 312, y: 112 }],
    ["end", { x: 0, y: 224 }],
  ]);
  it("walks to the nearest node in a direction, and stops at the ends", () => {
    expect(neighbour(at, "start", "down")).toBe("end");
    expect(neighbour(at, "start", "left")).toBe("left");
    expect(neighbour(at, "left", "right")).toBe("start");
    expect(neighbour(at, "end", "up")).toBe("start");
    expect(neighbour(at, "start", "up")).toBeNull();
    expect(neighbour(at, "nowhere", "up")).toBeNull();
  });
});

describe("bundles", () => {
  it("draws the ports between the same two nodes as one edge, errors apart", () => {
    const edge = (port: string) => ({ from: "a", port, to: "b" });
    const found = bundles([edge("x"), edge("error"), edge("default"), { from: "b", port: "out", to: "c" }]);
    expect(found.map((one) => one.map(({ port }) => port))).toEqual([["x", "default"], ["error"], ["out"]]);
  });
});

describe("viewFor", () => {
  const column = Array.from({ length: 9 }, (_, index) => ({ x: 0, y: index * 112 }));

  it("shows everything where that stays readable", () => {
    expect(viewFor(column.slice(0, 3), undefined, 800, 600)).toEqual({ x: 284, y: 152, zoom: 1 });
    expect(viewFor(column.slice(0, 6), undefined, 800, 600).zoom).toBeCloseTo(0.823, 2);
  });

  it("else keeps the chosen node in the middle, and the ends at the edge", () => {
    const middle = viewFor(column, column[4], 800, 420);
    expect(middle.zoom).toBe(0.9);
    expect((4 * 112 + NODE_HEIGHT / 2) * 0.9 + middle.y).toBeCloseTo(210, 0);
    expect(viewFor(column, column[0], 800, 420).y).toBe(40);
    expect((8 * 112 + NODE_HEIGHT) * 0.9 + viewFor(column, column[8], 800, 420).y).toBeCloseTo(380, 0);
  });

  it("stands still while the canvas has no size", () => {
    expect(viewFor(column, undefined, 0, 0)).toEqual({ x: 0, y: 0, zoom: 1 });
  });
});
