// @vitest-environment node
import { describe, expect, it } from "vitest";

import { carryOut, type Command } from "./commands";
import { merge, settle } from "./merge";
import { nodeOf, valueOfDoc, type Doc } from "./model";
import { fixtureDoc } from "./sample";
import { at, same } from "./value";

const base = fixtureDoc("stock-to-shop");
const after = (...commands: readonly Command[]): Doc => commands.reduce((doc, one) => carryOut(doc, one).doc, base);
const equal = (left: Doc, right: Doc): boolean => same(valueOfDoc(left), valueOfDoc(right));

const rename: Command = { kind: "rename", node: "done", name: "Arrived" };
const param: Command = { kind: "param", node: "set_stock", path: ["quantity"], value: "{{ to_stock.count }}" };
const add: Command = { kind: "add", node: { type: "flow.delay@1", name: "Pause" }, join: { kind: "splice", edge: { from: "set_stock", port: "out", to: "done" }, port: "out" }, spot: null };

describe("merging", () => {
  it("takes what only one side changed", () => {
    expect(equal(merge(base, after(rename), base).doc, after(rename))).toBe(true);
    expect(equal(merge(base, base, after(param, add)).doc, after(param, add))).toBe(true);
  });

  it("brings edits of different nodes, and of different fields of one, together", () => {
    const note: Command = { kind: "remark", node: "set_stock", note: "careful" };
    const { doc, conflicts } = merge(base, after(rename, note), after(param, add));
    expect(conflicts).toEqual([]);
    expect(nodeOf(doc, "done")?.name).toBe("Arrived");
    expect(at(nodeOf(doc, "set_stock")?.params, ["quantity"])).toBe("{{ to_stock.count }}");
    expect(nodeOf(doc, "set_stock")?.note).toBe("careful");
    expect(doc.edges).toContainEqual({ from: "pause", port: "out", to: "done" });
    expect(doc.edges).not.toContainEqual({ from: "set_stock", port: "out", to: "done" });
  });

  it("merges a mapping field by field", () => {
    const one = (place: number, source: string): Command => ({ kind: "param", node: "to_stock", path: ["fields", place, "source"], value: source });
    const { doc, conflicts } = merge(base, after(one(0, "mine.path")), after(one(2, "their.path")));
    expect(conflicts).toEqual([]);
    expect(at(nodeOf(doc, "to_stock")?.params, ["fields", 0, "source"])).toBe("mine.path");
    expect(at(nodeOf(doc, "to_stock")?.params, ["fields", 2, "source"])).toBe("their.path");
  });

  it("asks where both changed the same thing, and keeps mine until somebody decides", () => {
    const other: Command = { kind: "rename", node: "done", name: "Finished" };
    const { doc, conflicts } = merge(base, after(rename), after(other));
    expect(conflicts).toEqual([{ node: "done", path: ["name"], base: "In the shop", mine: "Arrived", theirs: "Finished" }]);
    expect(nodeOf(doc, "done")?.name).toBe("Arrived");
    const [conflict] = conflicts;
    if (conflict === undefined) throw new Error("no conflict");
    expect(nodeOf(settle(doc, conflict, "theirs"), "done")?.name).toBe("Finished");
    expect(equal(settle(doc, conflict, "mine"), doc)).toBe(true);
  });

  it("is silent where both did the same", () => {
    expect(merge(base, after(rename, param), after(param, rename)).conflicts).toEqual([]);
  });

  it("does not lose a change to a deletion", () => {
    const gone: Command = { kind: "delete", nodes: ["check_stock"] };
    const changed: Command = { kind: "rename", node: "check_stock", name: "Whole?" };
    for (const [mine, theirs] of [[after(gone), after(changed)], [after(changed), after(gone)]] as const) {
      const { doc, conflicts } = merge(base, mine, theirs);
      expect(nodeOf(doc, "check_stock")?.name).toBe("Whole?");
      const [conflict] = conflicts;
      if (conflict === undefined) throw new Error("no conflict");
      expect(conflict).toMatchObject({ node: "check_stock", path: [] });
      const side = conflict.mine === undefined ? "mine" : "theirs";
      const settled = settle(doc, conflict, side);
      expect(nodeOf(settled, "check_stock")).toBeUndefined();
      expect(settled.edges.some((one) => one.from === "check_stock" || one.to === "check_stock")).toBe(false);
    }
  });

  it("keeps a deletion of what the other did not touch", () => {
    const { doc, conflicts } = merge(base, after({ kind: "delete", nodes: ["check_stock"] }), after(rename));
    expect(conflicts).toEqual([]);
    expect(nodeOf(doc, "check_stock")).toBeUndefined();
    expect(doc.edges).toContainEqual({ from: "to_stock", port: "out", to: "set_stock" });
  });

  it("holds two new nodes apart that got the same id", () => {
    const loose = (type: string): Command => ({ kind: "add", node: { type, name: "Check" }, join: { kind: "after", from: "read_item", port: "out" }, spot: { x: 1, y: 1 } });
    const { doc, conflicts } = merge(base, after(loose("flow.filter@1")), after(loose("flow.branch@1")));
    expect(conflicts).toEqual([]);
    expect([nodeOf(doc, "check")?.type, nodeOf(doc, "check_2")?.type]).toEqual(["flow.filter@1", "flow.branch@1"]);
    expect(doc.edges).toContainEqual({ from: "read_item", port: "out", to: "check_2" });
  });

  it("lets each side move what it moved", () => {
    const move = (node: string, x: number): Command => ({ kind: "move", spots: { [node]: { x, y: 7 } } });
    const { doc, conflicts } = merge(base, after(move("done", 1), move("to_stock", 2)), after(move("done", 3), move("read_item", 4)));
    expect(conflicts).toEqual([]);
    const x = (id: string): unknown => (doc.layout?.nodes?.[id] as { x: { text: string } } | undefined)?.x.text;
    expect([x("done"), x("to_stock"), x("read_item")]).toEqual(["1", "2", "4"]);
  });
});
