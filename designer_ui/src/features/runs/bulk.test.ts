import { describe, expect, it } from "vitest";

import type { BulkReplayed, RunRow } from "../../api/types";
import { bulkBody, outlook } from "./bulk";

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
});

const found = (runs: readonly RunRow[], superseded: readonly RunRow[] = []): BulkReplayed => ({
  count: runs.length,
  runs,
  superseded,
  replay_ids: [],
  left: false,
});

describe("the request of a bulk replay", () => {
  it("names the runs, or says what they have in common", () => {
    expect(bulkBody("demo", { runs: ["a"], flow: "", q: "" }, { skipSuperseded: true, version: null })).toEqual({
      environment: "demo",
      runs: ["a"],
      limit: 500,
      skip_superseded: true,
    });
    expect(bulkBody("demo", { runs: [], flow: "orders", q: "XK" }, { skipSuperseded: false, version: 15 })).toEqual({
      environment: "demo",
      flow: "orders",
      q: "XK",
      limit: 500,
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
