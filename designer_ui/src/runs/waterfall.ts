/** Bars of a run's steps and attempts on one time axis. Pure. */

import type { RunView, StepView } from "./view";

export type BarKind = "ok" | "err" | "wait" | "unsure" | "running";

export interface Bar {
  readonly kind: BarKind;
  readonly from: number;
  readonly to: number;
}

export interface Row {
  readonly key: string;
  readonly node: string;
  readonly path: string;
  /** 0: step, 1: attempt, pause or look-up below a step. */
  readonly depth: 0 | 1;
  readonly what:
    | { readonly kind: "step"; readonly step: StepView }
    | { readonly kind: "attempt"; readonly attempt: StepView["attempts"][number] }
    | { readonly kind: "pause"; readonly until: string | null; readonly reason: "retry" | "uncertain" }
    | { readonly kind: "probe"; readonly happened: boolean | null; readonly at: string };
  readonly bars: readonly Bar[];
  readonly ms: number | null;
}

export interface Waterfall {
  readonly rows: readonly Row[];
  /** Milliseconds from the run's start to its end, or to now. */
  readonly span: number;
  readonly ticks: readonly number[];
}

const NICE = [1, 2, 5];

/** Four to seven round marks from 0 that cover `span`. */
export function ticks(span: number): readonly number[] {
  const wanted = Math.max(span, 1) / 6;
  let step = 1;
  for (let power = 1; step < wanted; power *= 10) {
    step = NICE.map((one) => one * power).find((one) => one >= wanted) ?? power * 10;
  }
  const marks: number[] = [];
  for (let at = 0; at < span + step; at += step) marks.push(at);
  return marks;
}

export function waterfall(view: RunView, now: number): Waterfall {
  const first = view.startedAt ?? view.steps[0]?.startedAt ?? null;
  if (first === null) return { rows: [], span: 0, ticks: ticks(0) };
  const zero = Date.parse(first);
  const at = (instant: string | null): number => Math.max(0, (instant === null ? now : Date.parse(instant)) - zero);
  const rows: Row[] = [];
  for (const step of view.steps) {
    if (step.state === "skipped" || step.startedAt === null) continue;
    const details = attemptRows(step, at);
    const bars =
      details.length > 0
        ? details.flatMap((one) => one.bars)
        : [{ kind: barOf(step), from: at(step.startedAt), to: at(step.endedAt) } satisfies Bar];
    rows.push({
      key: `${step.node}|${step.path}`,
      node: step.node,
      path: step.path,
      depth: 0,
      what: { kind: "step", step },
      bars,
      ms: step.endedAt === null ? at(null) - at(step.startedAt) : (step.ms ?? at(step.endedAt) - at(step.startedAt)),
    });
    if (step.attempts.length > 1 || step.probes.length > 0 || step.attempts.some((one) => one.state === "failed")) {
      rows.push(...details);
    }
  }
  const span = Math.max(...rows.flatMap((one) => one.bars.map((bar) => bar.to)), at(view.endedAt), 1);
  return { rows, span, ticks: ticks(span) };
}

function barOf(step: StepView): BarKind {
  switch (step.state) {
    case "failed":
      return "err";
    case "waiting":
      return "wait";
    case "running":
      return "running";
    default:
      return "ok";
  }
}

function attemptRows(step: StepView, at: (instant: string | null) => number): Row[] {
  const rows: Row[] = [];
  const base = { node: step.node, path: step.path, depth: 1 } as const;
  step.attempts.forEach((attempt, index) => {
    const from = at(attempt.startedAt);
    const to = at(attempt.endedAt);
    const kind: BarKind =
      attempt.state === "succeeded"
        ? "ok"
        : attempt.state === "failed"
          ? "err"
          : attempt.state === "uncertain"
            ? "unsure"
            : "running";
    rows.push({
      ...base,
      key: `${step.node}|${step.path}|a${index}`,
      what: { kind: "attempt", attempt },
      bars: [{ kind, from, to }],
      ms: to - from,
    });
    const next = step.attempts[index + 1];
    const last = next === undefined;
    const probes = step.probes.filter(
      (one) => at(one.at) >= to && (next === undefined || one.at <= next.startedAt),
    );
    const pauses = attempt.state === "failed" || attempt.state === "uncertain";
    if (pauses && (!last || step.state === "waiting" || probes.length > 0)) {
      const end = next?.startedAt ?? probes.at(-1)?.at ?? step.endedAt;
      const until = at(end);
      rows.push({
        ...base,
        key: `${step.node}|${step.path}|w${index}`,
        what: { kind: "pause", until: attempt.retryAt, reason: attempt.state === "uncertain" ? "uncertain" : "retry" },
        bars: [{ kind: "wait", from: to, to: until }],
        ms: until - to,
      });
    }
    probes.forEach((probe, number) => {
      rows.push({
        ...base,
        key: `${step.node}|${step.path}|p${index}.${number}`,
        what: { kind: "probe", happened: probe.happened, at: probe.at },
        bars: [],
        ms: null,
      });
    });
  });
  return rows;
}
