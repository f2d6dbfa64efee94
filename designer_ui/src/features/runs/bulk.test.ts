import { describe, expect, it } from "vitest";

import type { BulkPreview, RunRow } from "../../api/types";
import { arrivals, bulkBody, outlook, stillMoves } from "./bulk";

const row = (id: string, flow = "orders", code = "refused"): RunRow => ({
  id,
  flow: { slug: flow, name: flow },
  version: 1,
  business_key: id,
  state: "dead",
  outcome: "",
  error: { class: "RejectedError", code, message: "no" },
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
});

const found = (runs: readonly RunRow[], superseded: readonly RunRow[] = []): BulkPreview => ({
  count: runs.length,
  runs,
  superseded_count: superseded.length,
  superseded,
  left: false,
});

describe("the request of a bulk replay", () => {
  it("names the runs, or says what they have in common", () => {
    expect(bulkBody("demo", { runs: ["a"], flow: "", q: "" }, { skipSuperseded: true, version: null })).toEqual({
      environment: "demo",
      runs: ["a"],
      limit: 10_000,
      skip_superseded: true,
    });
    expect(bulkBody("demo", { runs: [], flow: "orders", q: "XK" }, { skipSuperseded: false, version: 15 })).toEqual({
      environment: "demo",
      flow: "orders",
      q: "XK",
      limit: 10_000,
      skip_superseded: false,
      version: 15,
    });
  });
});

describe("the look beforehand", () => {
  it("counts what is gone and what is in doubt", () => {
    const look = outlook({ runs: ["a", "b", "c", "d"], flow: "", q: "" }, found([row("a"), row("b", "orders", "unresolved")], [row("c")]));
    expect(look).toEqual({ gone: 1, doubtful: 1, flow: "orders" });
  });

  it("knows no flow where there are several, and nothing gone where none was named", () => {
    expect(outlook({ runs: [], flow: "", q: "" }, found([row("a"), row("b", "status")]))).toEqual({ gone: 0, doubtful: 0, flow: null });
    expect(outlook({ runs: [], flow: "", q: "" }, found([])).flow).toBeNull();
  });
});

describe("how far it has come", () => {
  const none = { pending: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, dead: 0, cancelled: 0 };

  it("moves until the last new run has ended", () => {
    expect(stillMoves({ state: "running", replays: none })).toBe(true);
    expect(stillMoves({ state: "done", replays: { ...none, waiting: 1 } })).toBe(true);
    expect(stillMoves({ state: "done", replays: { ...none, succeeded: 3, dead: 1 } })).toBe(false);
    expect(stillMoves({ state: "cancelled", replays: none })).toBe(false);
  });

  it("says what needs a look first", () => {
    expect(arrivals({ replays: { ...none, succeeded: 9, dead: 1, failed: 1, waiting: 2 } }).map((one) => [one.what, one.count])).toEqual([
      ["failed", 2],
      ["active", 2],
      ["succeeded", 9],
    ]);
    expect(arrivals({ replays: none })).toEqual([]);
  });
});
