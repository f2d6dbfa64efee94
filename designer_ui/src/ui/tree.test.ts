import { describe, expect, it } from "vitest";

import { isMasked, treeLines } from "./tree";

const ORDER = { reference: "XKBKNABJK", lines: [{ sku: "demo_1", quantity: 2 }], note: null, tags: [] };

describe("treeLines", () => {
  it("lists every value with its depth", () => {
    const lines = treeLines(ORDER, new Set());
    expect(lines.map((one) => [one.depth, one.name, one.children])).toEqual([
      [0, "reference", 0],
      [0, "lines", 1],
      [1, "0", 2],
      [2, "sku", 0],
      [2, "quantity", 0],
      [0, "note", 0],
      [0, "tags", 0],
    ]);
  });

  it("leaves out what is folded", () => {
    expect(treeLines(ORDER, new Set(["$/lines"])).map((one) => one.name)).toEqual(["reference", "lines", "note", "tags"]);
  });

  it("keeps names with slashes apart", () => {
    const lines = treeLines({ "a/b": 1, a: { b: 2 } }, new Set());
    expect(new Set(lines.map((one) => one.path)).size).toBe(lines.length);
  });

  it("shows a plain value as one line and never looks behind a mask", () => {
    expect(treeLines("text", new Set())).toHaveLength(1);
    expect(treeLines({ output: { masked: true } }, new Set())).toHaveLength(1);
    expect(isMasked({ masked: true })).toBe(true);
    expect(isMasked([true])).toBe(false);
  });
});
