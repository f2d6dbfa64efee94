// @vitest-environment node
import { describe, expect, it } from "vitest";

import { clipOf, clipText, flowText, pastedOf } from "./clip";
import { carryOut, type Command } from "./commands";
import { nodeOf, sameEdge, shownDoc, type Doc } from "./model";
import { docFrom, fixtureDoc } from "./sample";
import { at, Num, printValue, type Obj } from "./value";

const stock = fixtureDoc("stock-to-shop");
const run = (doc: Doc, command: Command): Doc => carryOut(doc, command).doc;
const wires = (doc: Doc): string[] => doc.edges.map((one) => `${one.from}.${one.port}>${one.to}`);
const filter = { type: "flow.filter@1", name: "Only some" };

describe("adding", () => {
  it("brings a node with an id of its own, behind a port", () => {
    const { doc, made } = carryOut(stock, { kind: "add", node: filter, join: { kind: "after", from: "to_stock", port: "out" }, spot: { x: 4.4, y: 8 } });
    expect(made).toEqual(["only_some"]);
    expect(wires(doc)).toContain("to_stock.out>only_some");
    expect(doc.layout?.nodes?.["only_some"]).toEqual({ x: new Num("4"), y: new Num("8") });
  });

  it("takes the flow's slot of the connector, or makes one", () => {
    const make = (doc: Doc, connector: string): Doc =>
      run(doc, { kind: "add", node: { type: "http.request@1", name: "Ask", connector }, join: { kind: "loose" }, spot: null });
    expect(nodeOf(make(stock, "prestashop"), "ask")?.connection).toBe("shop");
    const made = make(stock, "http");
    expect(nodeOf(made, "ask")?.connection).toBe("http");
    expect(made.connections?.["http"]).toEqual({ connector: "http" });
  });

  it("leads an edge through the node", () => {
    const edge = { from: "to_stock", port: "out", to: "check_stock" };
    const doc = run(stock, { kind: "add", node: filter, join: { kind: "splice", edge, port: "out" }, spot: null });
    expect(wires(doc)).toEqual(expect.arrayContaining(["to_stock.out>only_some", "only_some.out>check_stock"]));
    expect(doc.edges.some((one) => sameEdge(one, edge))).toBe(false);
    // The wire changes where it was: the order of the others stays.
    expect(doc.edges.length).toBe(stock.edges.length + 1);
    expect(wires(doc)[0]).toBe(wires(stock)[0]);
  });

  it("never takes an id that expressions use for something else", () => {
    for (const name of ["Trigger", "Item", "Run", "42", "", "Üß — 日本", "x".repeat(90)]) {
      const { made } = carryOut(stock, { kind: "add", node: { ...filter, name }, join: { kind: "loose" }, spot: null });
      expect(made[0]).toMatch(/^[a-z][a-z0-9_]{0,47}$/);
      expect(["trigger", "item", "run"]).not.toContain(made[0]);
    }
  });
});

describe("deleting", () => {
  it("rejoins the neighbours", () => {
    const doc = run(stock, { kind: "delete", nodes: ["to_stock", "check_stock"] });
    expect(wires(doc)).toContain("sold_in_shop.out>set_stock");
    expect(doc.nodes.length).toBe(stock.nodes.length - 2);
    expect(Object.keys(doc.layout?.nodes ?? {})).not.toContain("to_stock");
  });

  it("goes on where the flow went when all was well", () => {
    const branched = docFrom(
      '{"format":1,"slug":"s","name":"s","nodes":[{"id":"a","type":"x.y@1"},{"id":"b","type":"x.y@1"},{"id":"c","type":"x.y@1"},{"id":"d","type":"x.y@1"}],' +
        '"edges":[{"from":"a","port":"yes","to":"b"},{"from":"b","port":"error","to":"d"},{"from":"b","port":"out","to":"c"}]}',
    );
    expect(wires(run(branched, { kind: "delete", nodes: ["b"] }))).toEqual(["a.yes>c"]);
  });

  it("makes no loop of a node with itself", () => {
    const loop = docFrom(
      '{"slug":"s","name":"s","nodes":[{"id":"a","type":"x.y@1"},{"id":"b","type":"x.y@1"}],"edges":[{"from":"a","port":"out","to":"b"},{"from":"b","port":"out","to":"a"}]}',
    );
    expect(run(loop, { kind: "delete", nodes: ["b"] }).edges).toEqual([]);
  });
});

describe("copying", () => {
  it("pastes under new ids, and expressions among the copies follow", () => {
    const text = clipText(clipOf(stock, ["to_stock", "set_stock"]));
    const pasted = pastedOf(text);
    if (pasted?.kind !== "nodes") throw new Error("not nodes");
    const { doc, made } = carryOut(stock, { kind: "paste", clip: pasted.clip, shift: { x: 20, y: 20 } });
    expect(made).toEqual(["to_stock_2", "set_stock_2"]);
    expect(at(nodeOf(doc, "set_stock_2")?.params, ["quantity"])).toBe("{{ to_stock_2.quantity }}");
    // What was left behind is still called by its name.
    expect(printValue(nodeOf(doc, "to_stock_2")?.params ?? null)).toContain("read_item.document.items.Stock");
    expect(nodeOf(doc, "set_stock_2")?.connection).toBe("shop");
    expect(at(doc.layout?.nodes?.["to_stock_2"] as Obj, ["y"])).toEqual(new Num("356"));
  });

  it("brings the slots to a flow that has none", () => {
    const empty = docFrom('{"format":1,"slug":"new","name":"New","nodes":[],"edges":[]}');
    const clip = clipOf(stock, ["item_saved", "read_item"]);
    const { doc } = carryOut(empty, { kind: "paste", clip, shift: { x: 0, y: 0 } });
    expect(doc.connections).toEqual({ notes: { connector: "notes", label: "Notes" } });
    expect(wires(doc)).toEqual(["item_saved.out>read_item"]);
  });

  it("leaves quoted text and attributes of the same name alone", () => {
    const doc = docFrom(
      JSON.stringify({
        slug: "s",
        name: "s",
        nodes: [
          { id: "order", type: "x.y@1" },
          { id: "b", type: "x.y@1", params: { text: "the order of {{ order.order ~ 'order' ~ trigger.order }}", fields: [{ target: "order", source: "order.id" }] } },
        ],
        edges: [],
      }),
    );
    const twice = run(doc, { kind: "duplicate", nodes: ["order", "b"], shift: { x: 0, y: 0 } });
    expect(nodeOf(twice, "b_2")?.params).toEqual({
      text: "the order of {{ order_2.order ~ 'order' ~ trigger.order }}",
      fields: [{ target: "order", source: "order_2.id" }],
    });
  });

  it("recreates a whole flow, its own name apart", () => {
    const pasted = pastedOf(flowText(stock));
    if (pasted?.kind !== "flow") throw new Error("not a flow");
    const empty = docFrom('{"format":1,"slug":"new","name":"New","nodes":[],"edges":[]}');
    expect(run(empty, { kind: "replace", doc: pasted.doc })).toEqual({ ...stock, slug: "new" });
  });

  it("takes nothing that is not ours", () => {
    for (const text of ["", "hello", "[]", '{"a":1}', '{"kind":"causeway/nodes"}', '{"kind":"causeway/nodes","nodes":[{"id":1}]}', '{"format":1,"nodes":[]}']) {
      expect(pastedOf(text), text).toBeNull();
    }
  });
});

describe("settings", () => {
  it("keep numbers as they were typed", () => {
    const doc = run(stock, { kind: "param", node: "set_stock", path: ["quantity"], value: new Num("12345678901234567890.10") });
    expect(printValue(nodeOf(doc, "set_stock")?.params ?? null)).toContain("12345678901234567890.10");
  });

  it("leave no empty policy behind", () => {
    const set = run(stock, { kind: "policy", node: "done", path: ["retry", "max_attempts"], value: new Num("3") });
    expect(nodeOf(set, "done")?.policy).toEqual({ retry: { max_attempts: new Num("3") } });
    const gone = run(set, { kind: "policy", node: "done", path: ["retry", "max_attempts"], value: undefined });
    expect(gone).toEqual(stock);
  });

  it("change nothing where there is nothing to change", () => {
    const nothing: readonly Command[] = [
      { kind: "rename", node: "gone", name: "x" },
      { kind: "rename", node: "done", name: nodeOf(stock, "done")?.name ?? "" },
      { kind: "delete", nodes: ["gone"] },
      { kind: "connect", edge: { from: "item_saved", port: "out", to: "read_item" } },
      { kind: "connect", edge: { from: "done", port: "out", to: "done" } },
      { kind: "disconnect", edges: [{ from: "done", port: "out", to: "done" }] },
      { kind: "move", spots: { done: { x: 0, y: 672 } } },
      { kind: "duplicate", nodes: [], shift: { x: 0, y: 0 } },
      { kind: "note", index: 3, note: { text: "x", spot: { x: 0, y: 0 } } },
    ];
    for (const one of nothing) expect(run(stock, one), one.kind).toBe(stock);
  });

  it("free nodes of a slot that goes", () => {
    const doc = run(stock, { kind: "slot", name: "shop", slot: undefined });
    expect(nodeOf(doc, "set_stock")?.connection).toBeUndefined();
    expect(Object.keys(doc.connections ?? {})).toEqual(["notes"]);
  });
});

it("shows a document to pages that only look", () => {
  const shown = shownDoc(docFrom('{"slug":"s","name":"s","nodes":[{"id":"a","type":"x.y@1","params":{"n":1.50}}],"edges":[]}'));
  expect(shown.nodes[0]).toMatchObject({ name: "a", params: { n: 1.5 } });
  expect(shown.connections).toEqual({});
});
