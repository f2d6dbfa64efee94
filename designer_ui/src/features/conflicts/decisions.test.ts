import { describe, expect, it } from "vitest";

import type { Conflict, ConflictField } from "../../api/syncTypes";
import type { Json } from "../../api/types";
import { allOf, baseOf, bodiesOf, canBeTicked, CANDIDATES, candidatesOf, decisionsOf, deletesOn, draftOf, isBlind, mayType, nextAfter, RECORD, resultOf, writesOf } from "./decisions";

const field = (name: string, left: Json, right: Json, base: Json = null): ConflictField => ({ field: name, left, right, left_base: base, right_base: base, winner: "", by: "" });
const conflict = (fields: readonly ConflictField[], more: Partial<Conflict> = {}): Conflict => ({
  id: "c", link: "l", label: "Nora Vale", environment: "demo", entity: "customer", kind: "fields", state: "open",
  left: { system: "shop", id: "1" }, right: { system: "notes", id: "A" }, fields, resolutions: [], run: null,
  created_at: "2026-11-27T09:00:00Z", changed_at: "2026-11-27T09:00:00Z", decided_at: null, decided_by: "", ...more,
});

describe("decisions", () => {
  const phone = field("phone", "1", "2", "0");
  const credit = field("credit", 10, 20, 5);

  it("sends a side as a side, and the base and what was typed as values", () => {
    const both = conflict([phone, credit, field("note", "a", "b", "c")]);
    expect(decisionsOf(both, { phone: { by: "right" }, credit: { by: "typed", text: "12.5" }, note: { by: "base" } })).toEqual([
      { field: "phone", choice: "right" },
      { field: "credit", choice: "value", value: 12.5 },
      { field: "note", choice: "value", value: "c" },
    ]);
  });

  it("leaves out what is not chosen and what is no value of the field", () => {
    expect(decisionsOf(conflict([phone, credit]), { credit: { by: "typed", text: "a lot" } })).toEqual([]);
  });

  it("makes rules of sides only, and sends them apart from the rest", () => {
    const decisions = decisionsOf(conflict([phone, credit]), { phone: { by: "left" }, credit: { by: "typed", text: "1" } });
    expect(bodiesOf(decisions, true)).toEqual([
      { decisions: [{ field: "credit", choice: "value", value: 1 }], remember: false },
      { decisions: [{ field: "phone", choice: "left" }], remember: true },
    ]);
    expect(bodiesOf(decisions, false)).toEqual([{ decisions, remember: false }]);
    expect(bodiesOf([{ field: RECORD, choice: "left" }], true)).toEqual([{ decisions: [{ field: RECORD, choice: "left" }], remember: false }]);
    expect(bodiesOf([], true)).toEqual([]);
  });

  it("says which side is written", () => {
    const both = conflict([phone, credit]);
    expect(writesOf(both, allOf(both, "left"))).toEqual({ left: [], right: ["phone", "credit"] });
    expect(writesOf(both, { phone: { by: "typed", text: "2" }, credit: { by: "base" } })).toEqual({ left: ["phone", "credit"], right: ["credit"] });
    expect(writesOf(both, { phone: { by: "keep" } })).toEqual({ left: [], right: [] });
  });

  it("never takes a masked value for a value", () => {
    const hidden = field("phone", { masked: true }, { masked: true }, { masked: true });
    expect(baseOf(hidden)).toBeNull();
    expect(mayType(hidden)).toBe(false);
    expect(decisionsOf(conflict([hidden]), { phone: { by: "left" } })).toEqual([{ field: "phone", choice: "left" }]);
    expect(draftOf(conflict([hidden], { resolutions: [{ field: "phone", choice: "value", value: null }] }))).toEqual({});
  });

  it("comes back to what was chosen before", () => {
    const told = [{ field: "phone", choice: "value", value: "0" }, { field: "credit", choice: "value", value: 7 }, { field: "gone", choice: "left", value: null }];
    expect(draftOf(conflict([phone, credit], { resolutions: told }))).toEqual({ phone: { by: "base" }, credit: { by: "typed", text: "7" } });
  });

  it("knows that nothing over there is a state that can be chosen", () => {
    const gone = field(RECORD, null, { name: "Nora" });
    expect(resultOf(gone, { by: "left" })).toBeNull();
    expect(decisionsOf(conflict([gone], { kind: "deleted" }), { [RECORD]: { by: "left" } })).toHaveLength(1);
    expect(mayType(gone)).toBe(false);
    const one = conflict([gone], { kind: "deleted" });
    expect(deletesOn(one, { [RECORD]: { by: "left" } })).toBe("right");
    expect(deletesOn(one, { [RECORD]: { by: "right" } })).toBeNull();
    expect(deletesOn(one, {})).toBeNull();
    expect([isBlind(one), canBeTicked(one)]).toEqual([false, true]);
  });

  it("lets nobody delete a record without seeing which side is gone", () => {
    const hidden = conflict([field(RECORD, { masked: true }, { masked: true })], { kind: "deleted" });
    expect([isBlind(hidden), canBeTicked(hidden)]).toEqual([true, false]);
    expect(canBeTicked(conflict([field("phone", { masked: true }, { masked: true })]))).toBe(true);
    expect(canBeTicked(conflict([], { kind: "candidates" }))).toBe(false);
  });

  it("chooses a candidate by its id, or none", () => {
    const asked = field(CANDIDATES, [{ id: "1", label: "Nora", values: { city: "Paris" } }], [{ id: "A", label: "Nora V", values: {} }, { label: "no id" }]);
    expect(candidatesOf(asked.right)).toEqual([{ id: "A", label: "Nora V", values: {} }]);
    expect(candidatesOf({ masked: true })).toEqual([]);
    const one = conflict([asked], { kind: "candidates" });
    expect(decisionsOf(one, { [CANDIDATES]: { by: "candidate", id: "A" } })).toEqual([{ field: CANDIDATES, choice: "value", value: "A" }]);
    expect(decisionsOf(one, { [CANDIDATES]: { by: "candidate", id: null } })).toEqual([{ field: CANDIDATES, choice: "value", value: null }]);
  });

  it("goes on to the next entry, and from the last to the first", () => {
    expect(nextAfter(["a", "b", "c"], "b")).toBe("c");
    expect(nextAfter(["a", "b", "c"], "c")).toBe("a");
    expect(nextAfter(["a"], "a")).toBeNull();
    expect(nextAfter(["a", "b"], "elsewhere")).toBe("a");
  });
});
