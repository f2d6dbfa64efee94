import { describe, expect, it } from "vitest";

import type { Page, RunRow } from "../api/types";
import { matches, mergeRow } from "./rows";

function row(id: string, some: Partial<RunRow> = {}): RunRow {
  return {
    id,
    flow: { slug: "orders-to-notes", name: "Orders to Notes" },
    version: 1,
    business_key: `KEY${id}`,
    state: "running",
    outcome: "",
    error: null,
    created_at: "2026-11-23T11:00:00Z",
    started_at: null,
    ended_at: null,
    duration_ms: null,
    receipts: { confirmed: 0, absorbed: 0, diverged: 0 },
    revision: 1,
    resolved_at: null,
    replay_of: null,
    item: "",
    chunk: "",
    ...some,
  };
}

const list = (...pages: RunRow[][]) => ({
  pages: pages.map((results): Page<RunRow> => ({ results, next: null })),
  pageParams: pages.map(() => ""),
});
const ALL = { flow: "", state: "", q: "", bulk: "" };

describe("mergeRow", () => {
  it("puts a new run first and a known one in its place", () => {
    const before = list([row("1")], [row("2")]);
    expect(mergeRow(before, row("3"), ALL).pages.map((page) => page.results.map((one) => one.id))).toEqual([["3", "1"], ["2"]]);
    const after = mergeRow(before, row("2", { state: "succeeded", revision: 2 }), ALL);
    expect(after.pages[1]?.results[0]?.state).toBe("succeeded");
  });

  it("ignores an older revision that comes late", () => {
    const before = list([row("1", { state: "succeeded", revision: 9 })]);
    expect(mergeRow(before, row("1", { revision: 8 }), ALL).pages[0]?.results[0]?.state).toBe("succeeded");
  });

  it("lets a run leave a list whose filter it no longer meets", () => {
    const running = { ...ALL, state: "running" };
    const before = list([row("1")]);
    expect(mergeRow(before, row("1", { state: "dead", revision: 2 }), running).pages[0]?.results).toEqual([]);
    expect(mergeRow(before, row("7", { state: "dead" }), running)).toBe(before);
  });
});

describe("matches", () => {
  it("filters by flow, states and business key", () => {
    expect(matches(row("1"), { ...ALL, flow: "stock-to-shop" })).toBe(false);
    expect(matches(row("1", { state: "dead" }), { ...ALL, state: "failed,dead" })).toBe(true);
    expect(matches(row("1"), { ...ALL, q: "key1" })).toBe(true);
    expect(matches(row("1"), { ...ALL, q: "other" })).toBe(false);
  });

  it("knows what needs attention", () => {
    const filter = { ...ALL, state: "attention" };
    expect(matches(row("1", { state: "dead" }), filter)).toBe(true);
    expect(matches(row("1", { state: "dead", resolved_at: "2026-11-23T11:00:00Z" }), filter)).toBe(false);
    expect(matches(row("1", { state: "failed" }), filter)).toBe(false);
  });

  it("renews what a bulk replay made and takes nothing else in", () => {
    const filter = { ...ALL, bulk: "b" };
    const before = list([row("1")]);
    expect(mergeRow(before, row("2"), filter)).toBe(before);
    expect(mergeRow(before, row("1", { revision: 2, state: "succeeded" }), filter).pages[0]?.results[0]?.state).toBe("succeeded");
  });
});
