import { describe, expect, it } from "vitest";

import { findingsOf, otherFacts } from "./findings";

const finding = (id: string, level: string) => ({ id, level, says: `${id}.`, remedy: "" });

describe("findings", () => {
  it("come with the worst first, whatever else stands among the facts", () => {
    const facts = { version: "9.1.4", operations: { a: "ready" }, findings: [finding("key", "ok"), finding("clock", "warn"), finding("put", "fail"), finding("odd", "new")] };
    expect(findingsOf(facts).map((one) => one.id)).toEqual(["put", "clock", "key", "odd"]);
    expect(otherFacts(facts)).toEqual([["version", "9.1.4"]]);
  });

  it("may be missing or broken", () => {
    expect(findingsOf({})).toEqual([]);
    expect(findingsOf({ findings: "none" })).toEqual([]);
    expect(findingsOf({ findings: [null, 1, [], { id: "x" }] })).toEqual([]);
    expect(otherFacts({ operations: { a: "ready" } })).toEqual([["operations", { a: "ready" }]]);
  });
});
