// @vitest-environment node
import { describe, expect, it } from "vitest";

import type { NodeType } from "../../../api/types";
import { NODE_HEIGHT, NODE_WIDTH, positions } from "../../../canvas/geometry";
import { carryOut } from "../../../document/commands";
import { shownDoc, spotOf, type Doc } from "../../../document/model";
import { docFrom, fixtureDoc } from "../../../document/sample";
import { changesOf, countOf } from "./changes";
import { addCommand, firstParams, type Target } from "./target";

const FILTER: NodeType = { type: "flow.filter@1", title: "Filter", summary: "", icon: "", hue: "", kind: "control", ports: ["out"], connector: null, params_schema: { required: ["condition"], properties: { condition: { type: "string" } } } };
const stock = fixtureDoc("stock-to-shop");
const add = (doc: Doc, target: Target): Doc => carryOut(doc, addCommand(doc, positions(shownDoc(doc)), target, FILTER)).doc;

function overlaps(doc: Doc): boolean {
  const spots = doc.nodes.map((one) => spotOf(doc.layout?.nodes?.[one.id]));
  return spots.some((one, index) => spots.some((other, place) => place > index && one !== null && other !== null && Math.abs(one.x - other.x) < NODE_WIDTH && Math.abs(one.y - other.y) < NODE_HEIGHT));
}

describe("adding", () => {
  it("covers no node, wherever it is", () => {
    const targets: readonly Target[] = [
      { kind: "loose", wish: null },
      { kind: "loose", wish: { x: 10, y: 10 } },
      ...stock.nodes.map((one): Target => ({ kind: "after", from: one.id, port: "out", wish: null })),
      ...stock.edges.map((edge): Target => ({ kind: "between", edge })),
    ];
    for (const target of targets) {
      const doc = add(stock, target);
      expect(doc.nodes.length).toBe(stock.nodes.length + 1);
      expect(overlaps(doc), JSON.stringify(target)).toBe(false);
    }
  });

  it("moves what follows down in the same step", () => {
    const doc = add(stock, { kind: "between", edge: { from: "check_stock", port: "out", to: "set_stock" } });
    const y = (id: string): number | undefined => spotOf(doc.layout?.nodes?.[id])?.y;
    expect([y("check_stock"), y("filter"), y("set_stock"), y("done")]).toEqual([448, 560, 672, 784]);
  });

  it("leaves a flow without places to the layout", () => {
    const bare = docFrom('{"slug":"s","name":"s","nodes":[{"id":"a","type":"x.y@1"}],"edges":[]}');
    expect(add(bare, { kind: "after", from: "a", port: "out", wish: null }).layout).toBeUndefined();
  });

  it("begins with what the schema demands and gives itself", () => {
    expect(firstParams(FILTER)).toEqual({});
    expect(firstParams({ ...FILTER, params_schema: { required: ["method"], properties: { method: { default: "GET" }, other: { default: "x" } } } })).toEqual({ method: "GET" });
  });
});

it("tells what changed, and nothing where nothing did", () => {
  expect(countOf(changesOf(stock, stock))).toBe(0);
  const added = add(stock, { kind: "between", edge: { from: "check_stock", port: "out", to: "set_stock" } });
  const doc = carryOut(carryOut(added, { kind: "rename", node: "done", name: "End" }).doc, { kind: "delete", nodes: ["read_item"] }).doc;
  const { added: came, removed, changed, flow, layout } = changesOf(stock, doc);
  expect({ came, removed, changed, flow, layout }).toEqual({ came: ["Filter"], removed: ["Read the catalog item"], changed: ["End"], flow: false, layout: true });
});
