import { describe, expect, it } from "vitest";

import { isEmpty, same, typed, typingOf, untyped } from "./values";
import { human, titleOf } from "./words";

describe("values", () => {
  it("compares by what they say, whatever the order of keys", () => {
    expect(same({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(same("1", 1)).toBe(false);
    expect(same([1, 2], [2, 1])).toBe(false);
  });

  it("knows how a value is typed from those that are there", () => {
    expect(typingOf(["a", null])).toBe("text");
    expect(typingOf([1, 2.5, null])).toBe("number");
    expect(typingOf([true, false])).toBe("boolean");
    expect(typingOf([["a"], null])).toBe("lines");
    expect(typingOf([{ a: 1 }])).toBe("json");
    expect(typingOf([null, { masked: true }])).toBe("text");
    expect(typingOf(["12", 12])).toBe("text");
  });

  it("reads what was typed, and refuses what is no such value", () => {
    expect(typed(" 007 ", "text")).toBe(" 007 ");
    expect(typed("-1.50", "number")).toBe(-1.5);
    for (const bad of ["1,5", "1e9", "0x10", "abc", "Infinity"]) expect(typed(bad, "number"), bad).toBeUndefined();
    expect(typed("", "number")).toBeNull();
    expect(typed("a\n\n b ", "lines")).toEqual(["a", "b"]);
    expect(typed("true", "boolean")).toBe(true);
    expect(typed("{", "json")).toBeUndefined();
    for (const [value, typing] of [["x", "text"], [1.5, "number"], [false, "boolean"], [["a", "b"], "lines"], [{ a: [1] }, "json"]] as const) {
      expect(typed(untyped(value, typing), typing)).toEqual(value);
    }
  });

  it("takes nothing for empty, and zero and no for values", () => {
    expect([null, "", [], 0, false, "0"].map((one) => isEmpty(one))).toEqual([true, true, true, false, false, false]);
  });
});

describe("words", () => {
  it("writes names as people do", () => {
    expect(human("delivery_note")).toBe("Delivery note");
    expect(human("vat-id")).toBe("Vat id");
  });
  it("falls back to an id where the label is hidden", () => {
    const ends = { left: { system: "shop", id: "" }, right: { system: "notes", id: "A1" } };
    expect(titleOf({ label: "", ...ends })).toBe("A1");
    expect(titleOf({ label: "Nora", ...ends })).toBe("Nora");
  });
});
