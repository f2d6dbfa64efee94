// @vitest-environment node
import { describe, expect, it } from "vitest";

import { clipOf } from "./clip";
import type { Command } from "./commands";
import { begin, edit, redo, undo, type History } from "./history";
import { docOf, valueOfDoc, type Doc } from "./model";
import { chance, fixtureDoc } from "./sample";
import { Num, printValue } from "./value";

const orders = fixtureDoc("orders-to-notes");

function randomCommand(doc: Doc, random: () => number): Command {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const place = { x: Math.floor(random() * 900), y: Math.floor(random() * 900) };
  const node = doc.nodes.length === 0 ? "none" : pick(doc.nodes).id;
  const other = doc.nodes.length === 0 ? "none" : pick(doc.nodes).id;
  const add: Command = { kind: "add", node: { type: "flow.filter@1", name: `Node ${Math.floor(random() * 9)}` }, join: { kind: "loose" }, spot: place };
  const choices: readonly (() => Command)[] = [
    () => add,
    () => ({ ...add, join: { kind: "after", from: node, port: "out" } }),
    () => (doc.edges.length === 0 ? add : { ...add, join: { kind: "splice", edge: pick(doc.edges), port: "out" } }),
    () => ({ kind: "delete", nodes: [node] }),
    () => ({ kind: "duplicate", nodes: [node, other], shift: { x: 10, y: 10 } }),
    () => ({ kind: "paste", clip: clipOf(orders, orders.nodes.slice(0, 2).map((one) => one.id)), shift: place }),
    () => ({ kind: "connect", edge: { from: node, port: pick(["out", "yes", "error"]), to: other } }),
    () => (doc.edges.length === 0 ? add : { kind: "disconnect", edges: [pick(doc.edges)] }),
    () => ({ kind: "move", spots: { [node]: place, [other]: place } }),
    () => ({ kind: "rename", node, name: `Name ${random()}` }),
    () => ({ kind: "remark", node, note: pick(["", "why"]) }),
    () => ({ kind: "param", node, path: pick([["a"], ["a", "b"], ["list", 0], ["list", 1]]), value: pick([undefined, "{{ x }}", new Num("1.50"), true, null, []]) }),
    () => ({ kind: "policy", node, path: ["retry", "max_attempts"], value: pick([undefined, new Num("3")]) }),
    () => ({ kind: "connection", node, slot: pick([undefined, "shop", "notes"]) }),
    () => ({ kind: "slot", name: pick(["shop", "extra"]), slot: pick([undefined, { connector: "http" }]) }),
    () => ({ kind: "setting", path: ["lane", "name"], value: pick([undefined, "a", "b"]) }),
    () => ({ kind: "describe", name: `Flow ${random()}` }),
    () => ({ kind: "note", index: 0, note: pick([undefined, { text: `${random()}`, spot: place }]) }),
    () => (random() < 0.1 ? { kind: "replace", doc: orders } : add),
  ];
  return pick(choices)();
}

const text = (doc: Doc): string => printValue(valueOfDoc(doc));

describe("history", () => {
  it.each([1, 2, 3, 4, 5, 6])("takes 200 random edits back to the start and does them again (seed %i)", (seed) => {
    const random = chance(seed);
    let history: History = begin(orders);
    let now = 0;
    for (let count = 0; count < 200; ) {
      now += random() * 4000;
      const next = edit(history, randomCommand(history.doc, random), now);
      if (next === history) continue;
      count += 1;
      history = next;
      expect(docOf(valueOfDoc(history.doc)), "every edit leaves a document").not.toBeNull();
      const ids = new Set(history.doc.nodes.map((one) => one.id));
      for (const one of history.doc.edges) expect(ids.has(one.from) && ids.has(one.to), "an edge ends nowhere").toBe(true);
    }
    const end = text(history.doc);
    const steps = history.past.length;
    expect(steps).toBeGreaterThan(100);
    for (let step = 0; step < steps; step += 1) history = undo(history);
    expect(text(history.doc)).toBe(text(orders));
    expect(undo(history)).toBe(history);
    for (let step = 0; step < steps; step += 1) history = redo(history);
    expect(text(history.doc)).toBe(end);
    expect(redo(history)).toBe(history);
  });

  it("takes typing in one field as one step, and a pause or another field ends it", () => {
    const type = (history: History, node: string, name: string, now: number): History => edit(history, { kind: "rename", node, name }, now);
    let history = begin(orders);
    const [first, second] = orders.nodes.map((one) => one.id) as [string, string];
    for (const [index, name] of ["R", "Re", "Rea", "Read"].entries()) history = type(history, first, name, index * 200);
    expect(history.past.length).toBe(1);
    history = type(history, second, "x", 700);
    history = type(history, first, "Read it", 800);
    history = type(history, first, "Read it all", 5000);
    expect(history.past.length).toBe(4);
    expect(undo(undo(undo(undo(history)))).doc).toBe(orders);
  });

  it("does not put new typing into a step that was taken back", () => {
    const id = orders.nodes[0]?.id ?? "";
    let history = edit(begin(orders), { kind: "rename", node: id, name: "a" }, 0);
    history = edit(undo(history), { kind: "rename", node: id, name: "b" }, 100);
    expect(history.past.length).toBe(1);
    expect(history.future).toEqual([]);
    expect(undo(history).doc).toBe(orders);
  });

  it("takes a drag as one step", () => {
    const id = orders.nodes[0]?.id ?? "";
    let history = begin(orders);
    for (let x = 1; x < 60; x += 1) history = edit(history, { kind: "move", spots: { [id]: { x, y: 5 } } }, x * 16);
    expect(history.past.length).toBe(1);
  });
});
