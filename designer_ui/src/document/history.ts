/** Undo and redo without an end. Pure: the time is an argument. */

import { carryOut, stretchOf, type Command } from "./commands";
import type { Doc } from "./model";

interface Step {
  readonly doc: Doc;
  readonly label: Command["kind"];
}

export interface History {
  readonly doc: Doc;
  /** Documents before each step, the latest last; each with the step that left it. */
  readonly past: readonly Step[];
  readonly future: readonly Step[];
  /** The stretch of typing or dragging that the latest step belongs to, and when it grew last. */
  readonly stretch: { readonly key: string; readonly at: number } | null;
  /** Nodes that the latest command brought. */
  readonly made: readonly string[];
}

/** A pause as long as this ends a stretch. */
const PAUSE_MS = 1500;

export function begin(doc: Doc): History {
  return { doc, past: [], future: [], stretch: null, made: [] };
}

export function edit(history: History, command: Command, now: number): History {
  const { doc, made } = carryOut(history.doc, command);
  if (doc === history.doc) return history;
  const key = stretchOf(command);
  const goesOn = key !== null && history.stretch?.key === key && now - history.stretch.at <= PAUSE_MS && history.future.length === 0;
  return {
    doc,
    past: goesOn ? history.past : [...history.past, { doc: history.doc, label: command.kind }],
    future: [],
    stretch: key === null ? null : { key, at: now },
    made,
  };
}

export function undo(history: History): History {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return {
    doc: last.doc,
    past: history.past.slice(0, -1),
    future: [{ doc: history.doc, label: last.label }, ...history.future],
    stretch: null,
    made: [],
  };
}

export function redo(history: History): History {
  const [next, ...rest] = history.future;
  if (next === undefined) return history;
  return { doc: next.doc, past: [...history.past, { doc: history.doc, label: next.label }], future: rest, stretch: null, made: [] };
}
