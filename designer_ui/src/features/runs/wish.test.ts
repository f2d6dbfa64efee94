import { describe, expect, it } from "vitest";

import type { FlowDocument, RunEvent } from "../../api/types";
import { EMPTY_RUN, takeEvents } from "../../runs/view";
import { beginnings, correctable, dataOf, NOTHING, requestOf, sorted, type Wish } from "./wish";

const DOCUMENT: FlowDocument = {
  format: 1,
  slug: "orders",
  name: "Orders",
  connections: {},
  nodes: [
    { id: "placed", type: "prestashop.order_event@1", name: "Placed" },
    { id: "read", type: "prestashop.order.get@1", name: "Read" },
    { id: "each", type: "flow.for_each@1", name: "Each" },
    { id: "line", type: "notes.document.create@1", name: "Line" },
    { id: "never", type: "notes.document.update@1", name: "Never" },
    { id: "end", type: "flow.stop@1", name: "End" },
  ],
  edges: [],
};

const event = (seq: number, type: string, node: string, path = "", data: RunEvent["data"] = {}): RunEvent => ({
  seq,
  type,
  node,
  path,
  at: "2026-11-23T11:00:00.000Z",
  data,
});

const { view: VIEW } = takeEvents(EMPTY_RUN, [
  event(1, "run_started", "", "", { trigger_node: "placed" }),
  event(2, "step_succeeded", "placed", "", { ports: ["out"], output: {} }),
  event(3, "step_succeeded", "read", "", { ports: ["out"], output: {} }),
  event(4, "step_started", "each", "", { keys: ["0"] }),
  event(5, "step_failed", "line", "each/0", { ports: [], error: { class: "RejectedError", code: "refused", message: "no" } }),
  event(6, "step_failed", "each", "", { ports: [], error: { class: "RejectedError", code: "refused", message: "no" } }),
  event(7, "run_dead", "each", "", { error: { class: "RejectedError", code: "refused", message: "no" } }),
]);

const RUN = `{"trigger": {"node": "placed", "data": {"id": "6", "total": 68.20}},
  "steps": [{"node": "line", "path": "each/0", "output": null},
            {"node": "read", "path": "", "output": {"order": {"number": 12345678901234567890}}},
            {"node": "each", "path": "", "output": null}]}`;

const wish = (more: Partial<Wish>): Wish => ({ from: "", edit: NOTHING, text: "", version: 14, ...more });

describe("where a replay may begin and what it may correct", () => {
  it("offers what the run came to", () => {
    expect(beginnings(VIEW, DOCUMENT, "placed")).toEqual(["placed", "read", "each", "line"]);
  });

  it("corrects ended steps outside loops, not the trigger", () => {
    expect(correctable(VIEW, DOCUMENT, "placed").map((one) => one.node)).toEqual(["read", "each"]);
  });
});

describe("the data that is corrected", () => {
  it("is taken from the answer with all its digits", () => {
    expect(dataOf(RUN, { what: "trigger" })).toBe('{\n  "id": "6",\n  "total": 68.20\n}');
    expect(dataOf(RUN, { what: "output", node: "read" })).toContain("12345678901234567890");
  });

  it("is an empty object where a step gave nothing", () => {
    expect(dataOf(RUN, { what: "output", node: "each" })).toBe("{}");
    expect(dataOf(RUN, { what: "output", node: "nobody" })).toBe("{}");
    expect(dataOf("<html>", { what: "trigger" })).toBe("{}");
  });
});

describe("the request", () => {
  const body = (one: Wish, dry = false): unknown => JSON.parse(requestOf(one, 14, dry) ?? "null");

  it("says only what differs", () => {
    expect(body(wish({}))).toEqual({});
    expect(body(wish({ from: "read" }), true)).toEqual({ dry: true, from_node: "read" });
    expect(body(wish({ version: 15 }))).toEqual({ version: 15 });
  });

  it("carries the text as typed and no place to begin", () => {
    expect(requestOf(wish({ edit: { what: "trigger" }, text: '{"total": 68.20}', from: "read" }), 14, false)).toBe(
      '{"trigger_data": {"total": 68.20}}',
    );
    expect(body(wish({ edit: { what: "output", node: "read" }, text: "[1]" }))).toEqual({ outputs: { read: [1] } });
  });

  it("is not made of what cannot be read", () => {
    expect(requestOf(wish({ edit: { what: "trigger" }, text: "{" }), 14, false)).toBeNull();
  });
});

describe("a refusal", () => {
  const typed = wish({ edit: { what: "trigger" }, text: '{\n  "day": "x"\n}' });

  it("stands at the line that its pointer names", () => {
    const errors = [
      { pointer: "/trigger_data/day", code: "input", message: "too short" },
      { pointer: "/trigger_data", code: "lane", message: "no key" },
    ];
    expect(sorted(errors, "input_invalid", "", typed)).toEqual({
      lines: [
        { line: 2, message: "too short" },
        { line: 1, message: "no key" },
      ],
      from: null,
      version: null,
      rest: false,
    });
  });

  it("stands at the place to begin, at the version, or above all", () => {
    const from = sorted([{ pointer: "/from_node", code: "from_node", message: "none" }], "from_node", "none", wish({}));
    expect([from.from, from.rest]).toEqual(["none", false]);
    expect(sorted([], "not_deployed", "Deploy it first.", wish({})).version).toBe("Deploy it first.");
    expect(sorted([], "replay_under_way", "One is under way.", wish({})).rest).toBe(true);
  });
});
