// @vitest-environment node
import { describe, expect, it } from "vitest";

import { outline } from "./outline";
import { docFrom, fixtureDoc } from "./sample";

const doc = (nodes: string, edges: string) =>
  docFrom(
    JSON.stringify({
      slug: "s",
      name: "s",
      nodes: nodes.split("").map((id) => ({ id, type: "x.y@1" })),
      edges: edges.split(" ").filter((one) => one !== "").map((one) => ({ from: one.charAt(0), port: one.slice(2) || "out", to: one.charAt(1) })),
    }),
  );
const drawn = (...args: Parameters<typeof doc>): string[] => outline(doc(...args)).map((one) => `${one.level}${one.node}${one.again ? "*" : ""}`);

describe("outline", () => {
  it("keeps a line in line and indents branches", () => {
    expect(drawn("abcd", "ab bc:yes bd:no")).toEqual(["1a", "1b", "2c", "2d"]);
  });

  it("names ways that meet once more, and what nothing leads to", () => {
    expect(drawn("abcde", "ab:yes ac:no bd cd")).toEqual(["1a", "2b", "2d", "2c", "2d*", "1e"]);
  });

  it("ends in a loop", () => {
    expect(drawn("ab", "ab ba")).toEqual(["1a", "1b", "1a*"]);
  });

  it("shows every node of the demo's flows", () => {
    for (const slug of ["orders-to-notes", "status-to-shop", "stock-to-shop"]) {
      const flow = fixtureDoc(slug);
      expect(new Set(outline(flow).map((one) => one.node))).toEqual(new Set(flow.nodes.map((one) => one.id)));
    }
  });
});
