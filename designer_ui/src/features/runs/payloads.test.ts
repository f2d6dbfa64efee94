import { describe, expect, it } from "vitest";

import type { FlowDocument, RunEvent } from "../../api/types";
import { EMPTY_RUN, takeEvents } from "../../runs/view";
import { inputOf, sentOf } from "./payloads";

const DOCUMENT: FlowDocument = {
  format: 1,
  slug: "a",
  name: "A",
  connections: {},
  nodes: ["start", "read", "write"].map((id) => ({ id, type: "flow.stop@1", name: id })),
  edges: [
    { from: "start", port: "out", to: "read" },
    { from: "read", port: "out", to: "write" },
  ],
};

const event = (seq: number, type: string, node: string, data: RunEvent["data"]): RunEvent => ({
  seq,
  type,
  node,
  path: "",
  at: "2026-11-23T11:00:00Z",
  data,
});

const { view } = takeEvents(EMPTY_RUN, [
  event(1, "run_started", "", { trigger_node: "start" }),
  event(2, "step_succeeded", "read", { ports: ["out"], output: { id: "6" } }),
  event(3, "attempt_succeeded", "write", {
    attempt: 1,
    output: { changed: true },
    receipt: {
      system: "shop",
      entity: "order",
      record_id: "6",
      action: "updated",
      verdict: "confirmed",
      fields: [{ field: "state", sent: "4", read_back: "4", result: "same" }],
    },
  }),
]);

describe("inputOf", () => {
  it("gives what the nodes before gave, the trigger's data at the start", () => {
    expect(inputOf("write", DOCUMENT, view, { order_id: "6" })).toEqual({ read: { id: "6" } });
    expect(inputOf("read", DOCUMENT, view, { order_id: "6" })).toEqual({ start: { order_id: "6" } });
    expect(inputOf("start", DOCUMENT, view, {})).toBeUndefined();
  });
});

describe("inputOf a node with settings", () => {
  it("gives what the settings name, however far above", () => {
    const reads = (params: NonNullable<FlowDocument["nodes"][number]["params"]>): FlowDocument => ({
      ...DOCUMENT,
      nodes: DOCUMENT.nodes.map((one) => (one.id === "write" ? { ...one, params } : one)),
    });
    expect(inputOf("write", reads({ id: "{{ trigger.entity_id }}" }), view, { order_id: "6" })).toEqual({ start: { order_id: "6" } });
    expect(inputOf("write", reads({ id: "{{ read.id }}", of: "{{ trigger.data.x }}" }), view, { order_id: "6" })).toEqual({ start: { order_id: "6" }, read: { id: "6" } });
    expect(inputOf("write", reads({ words: "to read it" }), view, {})).toEqual({ read: { id: "6" } });
  });
});

describe("sentOf", () => {
  it("is what the receipt says was sent, and nothing for a read", () => {
    const [read, write] = view.steps;
    expect(write && sentOf(write)).toEqual({ state: "4" });
    expect(read && sentOf(read)).toBeUndefined();
  });
});
