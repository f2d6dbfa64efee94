import { describe, expect, it } from "vitest";

import type { FlowDocument, JsonObject, RunEvent } from "../api/types";
import { edgeState, EMPTY_RUN, nodeViews, takeEvents, type RunView } from "./view";
import { ticks, waterfall } from "./waterfall";

const START = Date.parse("2026-11-23T11:00:00.000Z");

function journal(...entries: readonly (readonly [string, string, number, JsonObject?])[]): RunEvent[] {
  return entries.map(([type, node, ms, data], index) => ({
    seq: index + 1,
    type,
    node,
    path: "",
    at: new Date(START + ms).toISOString(),
    data: data ?? {},
  }));
}

const RECEIPT = {
  system: "shop",
  entity: "order",
  record_id: "6",
  action: "updated",
  verdict: "absorbed",
  fields: [{ field: "Total", sent: 68.2, read_back: "68.20", result: "absorbed", note: "" }],
};

const DOCUMENT: FlowDocument = {
  format: 1,
  slug: "status",
  name: "Status",
  connections: {},
  nodes: [
    { id: "saved", type: "notes.document_event@1", name: "Saved" },
    { id: "paid", type: "flow.branch@1", name: "Paid?" },
    { id: "set", type: "prestashop.order.set_state@1", name: "Set" },
    { id: "other", type: "flow.stop@1", name: "Other" },
  ],
  edges: [
    { from: "saved", port: "out", to: "paid" },
    { from: "paid", port: "yes", to: "set" },
    { from: "paid", port: "no", to: "other" },
  ],
};

const WITH_RETRY = journal(
  ["run_started", "", 0, { flow: "status", version: 2, trigger_node: "saved" }],
  ["step_succeeded", "paid", 4, { ports: ["yes"], ms: 1, output: { result: true } }],
  ["step_started", "set", 5],
  ["attempt_started", "set", 6, { attempt: 1, effect_key: "k" }],
  ["attempt_failed", "set", 646, { attempt: 1, error: { class: "UnavailableError", code: "unavailable", message: "busy" }, retry_at: "2026-11-23T11:00:02.646Z" }],
  ["run_waiting", "", 650, { until: "2026-11-23T11:00:02.646Z", reason: "retry" }],
  ["attempt_started", "set", 2646, { attempt: 2, effect_key: "k" }],
  ["attempt_succeeded", "set", 3566, { attempt: 2, output: { changed: true }, receipt: RECEIPT, ms: 920 }],
  ["step_succeeded", "set", 3567, { ports: ["out"], ms: 3562 }],
  ["step_skipped", "other", 3568],
  ["run_succeeded", "", 3570, { outcome: "done" }],
);

function after(count: number): RunView {
  return takeEvents(EMPTY_RUN, WITH_RETRY.slice(0, count)).view;
}

describe("takeEvents", () => {
  it("folds a run with a retry into its end", () => {
    const { view, gap } = takeEvents(EMPTY_RUN, WITH_RETRY);
    expect(gap).toBe(false);
    expect(view).toMatchObject({ state: "succeeded", outcome: "done", seq: 11, triggerNode: "saved" });
    const step = view.steps.find((one) => one.node === "set");
    expect(step?.attempts.map((one) => one.state)).toEqual(["failed", "succeeded"]);
    expect(step).toMatchObject({ state: "succeeded", ms: 3562, output: { changed: true } });
    expect(step?.receipt?.verdict).toBe("absorbed");
  });

  it("shows the pause between attempts as waiting, and running again after it", () => {
    expect(after(6)).toMatchObject({ state: "waiting" });
    expect(after(6).steps.find((one) => one.node === "set")).toMatchObject({
      state: "waiting",
      waitingFor: "retry",
      waitingUntil: "2026-11-23T11:00:02.646Z",
    });
    expect(after(7)).toMatchObject({ state: "running" });
    expect(after(7).steps.find((one) => one.node === "set")?.state).toBe("running");
  });

  it("drops events it has, whatever order they come in", () => {
    const whole = takeEvents(EMPTY_RUN, [...WITH_RETRY].reverse()).view;
    expect(takeEvents(whole, WITH_RETRY.slice(2, 8)).view).toBe(whole);
    expect(whole).toEqual(takeEvents(EMPTY_RUN, WITH_RETRY).view);
  });

  it("stops before a gap and says so", () => {
    const taken = takeEvents(EMPTY_RUN, [...WITH_RETRY.slice(0, 3), ...WITH_RETRY.slice(4)]);
    expect(taken.gap).toBe(true);
    expect(taken.view.seq).toBe(3);
    expect(takeEvents(taken.view, WITH_RETRY.slice(3)).view.state).toBe("succeeded");
  });

  it("fails the step that took the run down, with its error", () => {
    const view = takeEvents(
      EMPTY_RUN,
      journal(
        ["run_started", "", 0, { trigger_node: "saved" }],
        ["step_started", "set", 1],
        ["attempt_started", "set", 2, { attempt: 1 }],
        ["attempt_failed", "set", 9, { attempt: 1, error: { class: "RejectedError", code: "rejected", message: "too long" }, retry_at: null }],
        ["run_dead", "", 10, { node: "set", error: { class: "RejectedError", code: "rejected", message: "too long", happened: "no" } }],
      ),
    ).view;
    expect(view).toMatchObject({ state: "dead", error: { code: "rejected", happened: "no" } });
    expect(view.steps[0]).toMatchObject({ node: "set", state: "failed", error: { message: "too long" } });
  });

  it("knows an attempt of a read only by its outcome", () => {
    const view = takeEvents(
      EMPTY_RUN,
      journal(
        ["run_started", "", 0],
        ["step_started", "set", 1],
        ["attempt_succeeded", "set", 813, { attempt: 1, output: { order: {} }, receipt: null, ms: 812 }],
        ["step_succeeded", "set", 813, { ports: ["out"], ms: 812 }],
      ),
    ).view;
    expect(view.steps[0]?.attempts).toEqual([
      expect.objectContaining({ attempt: 1, state: "succeeded", startedAt: "2026-11-23T11:00:00.001Z" }),
    ]);
  });

  it("asks, not guesses, after an uncertain attempt", () => {
    const view = takeEvents(
      EMPTY_RUN,
      journal(
        ["run_started", "", 0],
        ["attempt_started", "set", 1, { attempt: 1 }],
        ["attempt_uncertain", "set", 30, { attempt: 1, error: { class: "UncertainError", code: "uncertain", message: "lost" }, retry_at: "2026-11-23T11:00:01.000Z" }],
        ["probe_finished", "set", 1200, { attempt: 1, happened: true }],
        ["attempt_succeeded", "set", 1200, { attempt: 1, output: { changed: true }, receipt: RECEIPT, ms: 1199 }],
        ["step_succeeded", "set", 1201, { ports: ["out"], ms: 1200 }],
      ),
    ).view;
    expect(view.steps[0]).toMatchObject({ state: "succeeded", probes: [{ happened: true, attempt: 1 }] });
    expect(view.steps[0]).toMatchObject({ output: { changed: true }, receipt: { verdict: "absorbed" } });
    expect(view.steps[0]?.attempts).toHaveLength(1);
    const rows = waterfall(view, START).rows.map((one) => one.what.kind);
    expect(rows).toEqual(["step", "attempt", "pause", "probe"]);
  });
});

describe("what is open to doubt", () => {
  const error = { class: "UncertainError", code: "cannot_probe", message: "blind" };

  it("counts a look that failed as no attempt", () => {
    const view = takeEvents(
      EMPTY_RUN,
      journal(
        ["run_started", "", 0],
        ["attempt_started", "set", 1, { attempt: 1 }],
        ["attempt_uncertain", "set", 30, { attempt: 1, error, retry_at: null }],
        ["attempt_uncertain", "set", 60, { attempt: 1, error, retry_at: null, look: true }],
      ),
    ).view;
    expect(view.steps[0]?.attempts).toHaveLength(1);
    expect(view.steps[0]?.probes).toMatchObject([{ happened: null, attempt: 1 }]);
  });

  it("knows the verdict that a replay follows, and what it took over", () => {
    const view = takeEvents(
      EMPTY_RUN,
      journal(
        ["run_started", "", 0, { replay: { of: "r", verdict: { node: "set", happened: false } } }],
        ["step_succeeded", "paid", 1, { ports: ["yes"], attached: "r" }],
        ["step_succeeded", "set", 1, { ports: ["out"], attached: "r", edited: true }],
        ["step_succeeded", "other", 2, { ports: [] }],
      ),
    ).view;
    expect(view.verdict).toBe(false);
    expect(view.steps.map((one) => one.origin)).toEqual(["attached", "corrected", null]);
    expect(nodeViews(view, DOCUMENT).get("paid")?.origin).toBe("attached");
  });
});

describe("nodeViews and edgeState", () => {
  it("gives every node of the document a state at any moment", () => {
    const running = nodeViews(after(7), DOCUMENT);
    expect([...running].map(([id, one]) => [id, one.state])).toEqual([
      ["saved", "succeeded"],
      ["paid", "succeeded"],
      ["set", "running"],
      ["other", "pending"],
    ]);
    const done = nodeViews(after(11), DOCUMENT);
    expect(done.get("set")).toMatchObject({ state: "succeeded", verdict: "absorbed", attempts: 2 });
    expect(done.get("other")?.state).toBe("skipped");
  });

  it("calls nodes not taken when the run ended without them", () => {
    const ended = takeEvents(EMPTY_RUN, journal(["run_started", "", 0, { trigger_node: "saved" }], ["run_succeeded", "", 5, {}]));
    expect(nodeViews(ended.view, DOCUMENT).get("set")?.state).toBe("skipped");
  });

  const SPREAD: FlowDocument = {
    ...DOCUMENT,
    nodes: [
      DOCUMENT.nodes[0] as FlowDocument["nodes"][number],
      { id: "each", type: "flow.for_each@1", name: "Each", params: { items: "{{ trigger.lines }}", chunk_size: 10 } },
      { id: "write", type: "notes.document.create@1", name: "Write" },
      { id: "after", type: "flow.stop@1", name: "After" },
    ],
    edges: [
      { from: "saved", port: "out", to: "each" },
      { from: "each", port: "item", to: "write" },
      { from: "each", port: "done", to: "after" },
    ],
  };

  it("says of the steps of chunks that they are done elsewhere, and shows how long they were waited for", () => {
    const events = journal(
      ["run_started", "", 0, { trigger_node: "saved" }],
      ["step_started", "each", 1],
      ["run_waiting", "", 2, { reason: "calls" }],
      ["step_succeeded", "each", 901, { ms: 0, ports: ["done"] }],
      ["run_succeeded", "", 905, {}],
    );
    expect(nodeViews(takeEvents(EMPTY_RUN, events.slice(0, 1)).view, SPREAD).get("write")?.state).toBe("pending");
    const ended = takeEvents(EMPTY_RUN, events).view;
    const nodes = nodeViews(ended, SPREAD);
    expect(nodes.get("write")?.state).toBe("apart");
    expect(nodes.get("after")?.state).toBe("skipped");
    expect(nodes.get("each")?.ms).toBe(900);
    expect(SPREAD.edges.map((edge) => edgeState(edge, nodes, true))).toEqual(["done", "done", "skipped"]);
  });

  it("shows the steps of a chunk on the chunk's own run", () => {
    const chunk = takeEvents(
      EMPTY_RUN,
      journal(["run_started", "", 0, { trigger_node: "saved" }], ["step_started", "each", 1], ["step_started", "write", 2], ["step_succeeded", "write", 5, { ms: 3 }]),
    ).view;
    expect(nodeViews(chunk, SPREAD).get("write")?.state).toBe("succeeded");
  });

  it("draws edges by what crossed them", () => {
    const nodes = nodeViews(after(7), DOCUMENT);
    expect(DOCUMENT.edges.map((edge) => edgeState(edge, nodes, false))).toEqual(["done", "active", "skipped"]);
    const before = nodeViews(after(1), DOCUMENT);
    expect(DOCUMENT.edges.map((edge) => edgeState(edge, before, false))).toEqual(["done", "idle", "idle"]);
  });
});

describe("waterfall", () => {
  it("nests attempts and pauses below their step on one axis", () => {
    const { rows, span } = waterfall(after(11), START + 99_999);
    expect(rows.map((one) => [one.node, one.what.kind])).toEqual([
      ["paid", "step"],
      ["set", "step"],
      ["set", "attempt"],
      ["set", "pause"],
      ["set", "attempt"],
    ]);
    expect(rows[1]?.bars.map((one) => [one.kind, one.from, one.to])).toEqual([
      ["err", 6, 646],
      ["wait", 646, 2646],
      ["ok", 2646, 3566],
    ]);
    expect(span).toBe(3570);
  });

  it("marks round times that cover the span", () => {
    expect(ticks(5300)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
    expect(ticks(18)).toEqual([0, 5, 10, 15, 20]);
    expect(ticks(0)).toEqual([0]);
    for (const span of [3, 47, 812, 61_000, 4_000_000]) {
      const marks = ticks(span);
      expect(marks.length).toBeGreaterThanOrEqual(4);
      expect(marks.length).toBeLessThanOrEqual(8);
      expect(marks.at(-1)).toBeGreaterThanOrEqual(span);
    }
  });
});

describe("a run that ends while a step is open", () => {
  const { view } = takeEvents(
    EMPTY_RUN,
    journal(
      ["run_started", "", 0, { trigger_node: "saved" }],
      ["step_started", "paid", 10],
      ["step_succeeded", "set", 20, { ports: ["out"] }],
      ["run_succeeded", "", 30, { outcome: "ended within a loop" }],
    ),
  );

  it("ends the step with the run, so that nothing goes on running", () => {
    expect(view.steps.find((one) => one.node === "paid")).toMatchObject({ state: "stopped", ms: 20 });
    expect(waterfall(view, START + 99_000).span).toBe(30);
  });

  it("shows what left the step as crossed", () => {
    const nodes = nodeViews(view, DOCUMENT);
    expect(edgeState({ from: "paid", port: "yes", to: "set" }, nodes, true)).toBe("done");
    expect(edgeState({ from: "paid", port: "no", to: "other" }, nodes, true)).toBe("skipped");
  });
});
