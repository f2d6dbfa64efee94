/** A run as people see it, folded from its numbered events. Pure: no clock, no network. */

import type { FarSideError, FlowDocument, Json, JsonObject, Receipt, RunEvent, RunState } from "../api/types";

/** stopped: it had begun, and the run ended without it. apart: done in runs of their own, one a chunk. */
export type StepState = "pending" | "running" | "waiting" | "succeeded" | "failed" | "stopped" | "skipped" | "apart";
export type AttemptState = "running" | "succeeded" | "failed" | "uncertain";

export interface AttemptView {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly state: AttemptState;
  readonly error: FarSideError | null;
  readonly retryAt: string | null;
}

export interface ProbeView {
  readonly at: string;
  readonly attempt: number;
  /** null: it could not be told. */
  readonly happened: boolean | null;
}

export interface StepView {
  readonly node: string;
  readonly path: string;
  readonly state: StepState;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly ms: number | null;
  readonly ports: readonly string[];
  readonly output: Json | undefined;
  readonly receipt: Receipt | null;
  readonly error: FarSideError | null;
  readonly attempts: readonly AttemptView[];
  readonly probes: readonly ProbeView[];
  readonly waitingUntil: string | null;
  readonly waitingFor: string | null;
  /** In a replay: taken over from the run that it replays, or given by a person. */
  readonly origin: "attached" | "corrected" | null;
}

export interface RunView {
  readonly state: RunState;
  readonly outcome: string;
  readonly error: FarSideError | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly triggerNode: string | null;
  /** Of a replay that follows a person's verdict: whether the write had happened. */
  readonly verdict: boolean | null;
  readonly steps: readonly StepView[];
  /** Number of the last event taken in; events up to here are ignored when they come again. */
  readonly seq: number;
}

export const EMPTY_RUN: RunView = {
  state: "pending",
  outcome: "",
  error: null,
  startedAt: null,
  endedAt: null,
  triggerNode: null,
  verdict: null,
  steps: [],
  seq: 0,
};

function newStep(node: string, path: string): StepView {
  return {
    node,
    path,
    state: "pending",
    startedAt: null,
    endedAt: null,
    ms: null,
    ports: [],
    output: undefined,
    receipt: null,
    error: null,
    attempts: [],
    probes: [],
    waitingUntil: null,
    waitingFor: null,
    origin: null,
  };
}

function text(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numeric(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the journal calls an error, if it is one. */
export function asError(value: Json | undefined): FarSideError | null {
  if (!isObject(value)) return null;
  return { class: "", code: "", message: "", ...value } as unknown as FarSideError;
}

export function asReceipt(value: Json | undefined): Receipt | null {
  if (!isObject(value) || !Array.isArray(value["fields"])) return null;
  return value as unknown as Receipt;
}

function ports(data: JsonObject): readonly string[] {
  const value = data["ports"];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function between(from: string | null, to: string): number | null {
  return from === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

function closeAttempt(step: StepView, event: RunEvent, state: AttemptState): readonly AttemptView[] {
  const closed = {
    endedAt: event.at,
    state,
    error: asError(event.data["error"]),
    retryAt: text(event.data["retry_at"]),
  };
  const number = numeric(event.data["attempt"]) ?? step.attempts.length + 1;
  const doubted = step.attempts.some((one) => one.attempt === number && one.state === "uncertain");
  // What a look at the far side found to have happened is no second attempt.
  if (state === "succeeded" && doubted && step.probes.some((one) => one.attempt === number && one.happened === true)) {
    return step.attempts;
  }
  const index = step.attempts.findLastIndex((one) => one.attempt === number && one.state === "running");
  const open = step.attempts[index];
  if (open === undefined) {
    // Reads need no durable start: their outcome may be the first thing the journal knows.
    const ms = numeric(event.data["ms"]);
    const startedAt =
      ms === null ? (step.startedAt ?? event.at) : new Date(Date.parse(event.at) - ms).toISOString();
    return [...step.attempts, { attempt: number, startedAt, ...closed }];
  }
  return step.attempts.with(index, { ...open, ...closed });
}

function applyToStep(step: StepView, event: RunEvent): StepView {
  const { data, at } = event;
  switch (event.type) {
    case "step_started":
      return { ...step, state: "running", startedAt: step.startedAt ?? at };
    case "attempt_started":
      return {
        ...step,
        state: "running",
        startedAt: step.startedAt ?? at,
        waitingUntil: null,
        waitingFor: null,
        attempts: [
          ...step.attempts,
          {
            attempt: numeric(data["attempt"]) ?? step.attempts.length + 1,
            startedAt: at,
            endedAt: null,
            state: "running",
            error: null,
            retryAt: null,
          },
        ],
      };
    case "attempt_succeeded":
      return {
        ...step,
        attempts: closeAttempt(step, event, "succeeded"),
        receipt: asReceipt(data["receipt"]) ?? step.receipt,
        output: data["output"] === undefined ? step.output : data["output"],
      };
    case "attempt_failed": {
      const retryAt = text(data["retry_at"]);
      return {
        ...step,
        attempts: closeAttempt(step, event, "failed"),
        state: retryAt === null ? step.state : "waiting",
        waitingUntil: retryAt,
        waitingFor: retryAt === null ? null : "retry",
      };
    }
    case "attempt_uncertain": {
      const retryAt = text(data["retry_at"]);
      const probe: ProbeView = { at, attempt: numeric(data["attempt"]) ?? step.attempts.length, happened: null };
      const looked = data["look"] === true;
      return {
        ...step,
        attempts: looked ? step.attempts : closeAttempt(step, event, "uncertain"),
        probes: looked ? [...step.probes, probe] : step.probes,
        state: "waiting",
        waitingUntil: retryAt,
        waitingFor: "uncertain",
      };
    }
    case "probe_finished":
      return {
        ...step,
        probes: [
          ...step.probes,
          {
            at,
            attempt: numeric(data["attempt"]) ?? step.attempts.length,
            happened: data["happened"] === true,
          },
        ],
      };
    case "step_succeeded": {
      const ms = numeric(data["ms"]);
      const startedAt = step.startedAt ?? step.attempts[0]?.startedAt ?? at;
      return {
        ...step,
        state: "succeeded",
        startedAt,
        endedAt: at,
        // What asks no far side and yet has a beginning waited: for a time, a call or its chunks.
        ms: step.startedAt !== null && step.attempts.length === 0 ? between(startedAt, at) : (ms ?? between(startedAt, at)),
        ports: ports(data),
        output: data["output"] === undefined ? step.output : data["output"],
        receipt: asReceipt(data["receipt"]) ?? step.receipt,
        waitingUntil: null,
        waitingFor: null,
        origin: data["edited"] === true ? "corrected" : text(data["attached"]) === null ? null : "attached",
      };
    }
    case "step_failed": {
      const startedAt = step.startedAt ?? step.attempts[0]?.startedAt ?? at;
      return {
        ...step,
        state: "failed",
        startedAt,
        endedAt: at,
        ms: between(startedAt, at),
        ports: ports(data),
        error: asError(data["error"]),
        waitingUntil: null,
        waitingFor: null,
      };
    }
    case "step_skipped":
      return { ...step, state: "skipped", endedAt: at };
    case "run_waiting":
      return { ...step, state: "waiting", waitingUntil: text(data["until"]), waitingFor: text(data["reason"]) };
    case "run_failed":
    case "run_dead":
      if (step.state !== "running" && step.state !== "waiting" && step.state !== "failed") return step;
      return { ...step, state: "failed", endedAt: step.endedAt ?? at, error: step.error ?? asError(data["error"]) };
    default:
      return step;
  }
}

function withStep(steps: readonly StepView[], event: RunEvent, node: string): readonly StepView[] {
  const index = steps.findIndex((one) => one.node === node && one.path === event.path);
  const step = steps[index];
  if (step !== undefined) return steps.with(index, applyToStep(step, event));
  const fresh = applyToStep(newStep(node, event.path), event);
  return fresh.state === "pending" && fresh.attempts.length === 0 ? steps : [...steps, fresh];
}

/** What had begun when the run ended ends with it, for example a loop whose item ended the run. */
function stopOpen(steps: readonly StepView[], at: string): readonly StepView[] {
  return steps.map((one) => {
    if (one.state !== "running" && one.state !== "waiting") return one;
    return { ...one, state: "stopped", endedAt: at, ms: between(one.startedAt, at), waitingUntil: null, waitingFor: null };
  });
}

function verdictOf(replay: Json | undefined): boolean | null {
  const verdict = isObject(replay) ? replay["verdict"] : undefined;
  return isObject(verdict) ? verdict["happened"] === true : null;
}

function applyOne(view: RunView, event: RunEvent): RunView {
  const { data, at, seq } = event;
  const node = event.node !== "" ? event.node : (text(data["node"]) ?? "");
  const steps = node === "" ? view.steps : withStep(view.steps, event, node);
  const base: RunView = { ...view, steps, seq };
  switch (event.type) {
    case "run_started": {
      const triggerNode = text(data["trigger_node"]) ?? view.triggerNode;
      return { ...base, state: "running", startedAt: view.startedAt ?? at, triggerNode, verdict: verdictOf(data["replay"]) };
    }
    case "run_waiting":
      return { ...base, state: "waiting" };
    case "run_succeeded":
      return { ...base, steps: stopOpen(steps, at), state: "succeeded", endedAt: at, outcome: text(data["outcome"]) ?? "" };
    case "run_failed":
      return { ...base, steps: stopOpen(steps, at), state: "failed", endedAt: at, error: asError(data["error"]), outcome: text(data["outcome"]) ?? "" };
    case "run_dead":
      return { ...base, steps: stopOpen(steps, at), state: "dead", endedAt: at, error: asError(data["error"]) };
    case "run_superseded":
      return { ...base, state: "cancelled", endedAt: at, outcome: `superseded by ${text(data["by"]) ?? ""}` };
    default:
      return view.state === "waiting" || view.state === "pending" ? { ...base, state: "running" } : base;
  }
}

export interface Taken {
  readonly view: RunView;
  /** True when numbers are missing: ask for the events after `view.seq`. */
  readonly gap: boolean;
}

/** Takes events in by number: known ones are dropped, and nothing is taken past a gap. */
export function takeEvents(view: RunView, events: readonly RunEvent[]): Taken {
  let next = view;
  for (const event of [...events].sort((left, right) => left.seq - right.seq)) {
    if (event.seq <= next.seq) continue;
    if (event.seq !== next.seq + 1) return { view: next, gap: true };
    next = applyOne(next, event);
  }
  return { view: next, gap: false };
}

export function isOver(state: RunState): boolean {
  return state === "succeeded" || state === "failed" || state === "dead" || state === "cancelled";
}

export interface NodeView {
  readonly state: StepState;
  readonly ms: number | null;
  readonly verdict: Receipt["verdict"] | null;
  readonly attempts: number;
  readonly ports: readonly string[];
  readonly waitingUntil: string | null;
  readonly origin: StepView["origin"];
  /** Loop items that went through the node; 0 outside loops. */
  readonly items: number;
}

const PENDING: NodeView = {
  state: "pending",
  ms: null,
  verdict: null,
  attempts: 0,
  ports: [],
  waitingUntil: null,
  origin: null,
  items: 0,
};

const URGENCY: readonly StepState[] = ["failed", "running", "waiting", "stopped", "succeeded", "apart", "skipped", "pending"];

function worst(steps: readonly StepView[]): StepState {
  return URGENCY.find((state) => steps.some((one) => one.state === state)) ?? "pending";
}

/** The steps behind `item` of each for-each that has begun and leaves its items to chunks. */
function leftToChunks(view: RunView, document: FlowDocument): ReadonlySet<string> {
  const found = new Set<string>();
  for (const loop of document.nodes) {
    if (loop.params?.["chunk_size"] === undefined || !view.steps.some((one) => one.node === loop.id && one.state !== "skipped")) continue;
    const ahead = document.edges.filter((edge) => edge.from === loop.id && edge.port === "item").map((edge) => edge.to);
    for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      ahead.push(...document.edges.filter((edge) => edge.from === id).map((edge) => edge.to));
    }
  }
  return found;
}

/** One state a node: its steps over all loop items, and what the run's end means for the rest. */
export function nodeViews(view: RunView, document: FlowDocument): ReadonlyMap<string, NodeView> {
  const found = new Map<string, NodeView>();
  const apart = leftToChunks(view, document);
  for (const node of document.nodes) {
    const steps = view.steps.filter((one) => one.node === node.id);
    if (apart.has(node.id) && steps.every((one) => one.state === "skipped")) {
      found.set(node.id, { ...PENDING, state: "apart" });
      continue;
    }
    if (steps.length === 0) {
      const isTrigger = node.id === view.triggerNode;
      const state: StepState =
        isTrigger && view.startedAt !== null ? "succeeded" : isOver(view.state) ? "skipped" : "pending";
      found.set(node.id, { ...PENDING, state, ports: isTrigger && view.startedAt !== null ? ["out"] : [] });
      continue;
    }
    const verdicts = steps.flatMap((one) => (one.receipt === null ? [] : [one.receipt.verdict]));
    const times = steps.flatMap((one) => (one.ms === null ? [] : [one.ms]));
    found.set(node.id, {
      state: worst(steps),
      ms: times.length === 0 ? null : times.reduce((sum, one) => sum + one, 0),
      verdict: verdicts.includes("diverged")
        ? "diverged"
        : verdicts.includes("absorbed")
          ? "absorbed"
          : (verdicts[0] ?? null),
      attempts: Math.max(...steps.map((one) => one.attempts.length)),
      ports: [...new Set(steps.flatMap((one) => one.ports))],
      waitingUntil: steps.find((one) => one.waitingUntil !== null)?.waitingUntil ?? null,
      origin: steps.every((one) => one.origin !== null) ? (steps[0]?.origin ?? null) : null,
      items: steps.filter((one) => one.path !== "").length,
    });
  }
  return found;
}

export type EdgeState = "idle" | "done" | "active" | "error" | "skipped";

/** How an edge of a run is drawn: what crossed it, what is about to, what never will. */
export function edgeState(
  edge: { readonly from: string; readonly port: string; readonly to: string },
  nodes: ReadonlyMap<string, NodeView>,
  over: boolean,
): EdgeState {
  const source = nodes.get(edge.from) ?? PENDING;
  const target = nodes.get(edge.to) ?? PENDING;
  if (target.state === "apart") return "done";
  const left = source.state === "succeeded" || source.state === "failed";
  if (source.state === "stopped") return target.state === "skipped" || target.state === "pending" ? "skipped" : "done";
  if (!left) return over || source.state === "skipped" ? "skipped" : "idle";
  if (!source.ports.includes(edge.port)) return "skipped";
  if (edge.port === "error") return "error";
  if (target.state === "running" || target.state === "waiting") return "active";
  return target.state === "skipped" ? "skipped" : "done";
}
