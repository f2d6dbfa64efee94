/** What a person asks of a replay, and how that is said to the server. Pure. */

import type { FlowDocument, ProblemBody } from "../../api/types";
import { lineOf, printExact, readExact, within, type Exact } from "../../lib/exactJson";
import type { RunView, StepView } from "../../runs/view";

export type Edit = { readonly what: "nothing" } | { readonly what: "trigger" } | { readonly what: "output"; readonly node: string };

export interface Wish {
  /** "" goes on where the run broke off; else the id of a node. */
  readonly from: string;
  readonly edit: Edit;
  /** The corrected data, as typed. */
  readonly text: string;
  readonly version: number;
}

export const NOTHING: Edit = { what: "nothing" };

/** Steps outside loops whose output may be corrected: they ended, and the flow reads what they gave. */
export function correctable(view: RunView, document: FlowDocument, triggerNode: string): readonly StepView[] {
  return view.steps.filter(
    (one) =>
      one.path === "" &&
      one.node !== triggerNode &&
      (one.state === "succeeded" || one.state === "failed") &&
      document.nodes.some((node) => node.id === one.node && !node.type.startsWith("flow.stop@")),
  );
}

/** Nodes that a replay may begin at: those that the run came to, each once, in their order. */
export function beginnings(view: RunView, document: FlowDocument, triggerNode: string): readonly string[] {
  const reached = view.steps.filter((one) => one.state !== "skipped" && one.state !== "pending").map((one) => one.node);
  const known = new Set(document.nodes.map((one) => one.id));
  return [triggerNode, ...new Set(reached.filter((one) => one !== triggerNode && known.has(one)))];
}

/** The data of the run that an edit starts from, as the server wrote it. */
export function dataOf(runText: string, edit: Edit): string {
  const reading = readExact(runText);
  const found = reading.ok ? part(reading.value, edit) : undefined;
  return found === undefined || (found.kind === "scalar" && found.text === "null") ? "{}" : printExact(found);
}

function part(run: Exact, edit: Edit): Exact | undefined {
  switch (edit.what) {
    case "nothing":
      return undefined;
    case "trigger":
      return within(within(run, "trigger"), "data");
    case "output": {
      const steps = within(run, "steps");
      const items = steps?.kind === "array" ? steps.items : [];
      const text = (one: Exact, name: string): string => {
        const value = within(one, name);
        return value?.kind === "scalar" ? value.text : "";
      };
      const step = items.find((one) => text(one, "node") === JSON.stringify(edit.node) && text(one, "path") === '""');
      return within(step, "output");
    }
  }
}

/** The request as JSON text; null while the corrected data cannot be read. */
export function requestOf(wish: Wish, ran: number, dry: boolean): string | null {
  const fields: string[] = [];
  if (wish.version !== ran) fields.push(`"version": ${wish.version}`);
  if (dry) fields.push('"dry": true');
  if (wish.edit.what === "nothing") {
    if (wish.from !== "") fields.push(`"from_node": ${JSON.stringify(wish.from)}`);
  } else {
    if (!readExact(wish.text).ok) return null;
    const name = wish.edit.what === "trigger" ? '"trigger_data"' : `"outputs": {${JSON.stringify(wish.edit.node)}`;
    fields.push(`${name}: ${wish.text}${wish.edit.what === "output" ? "}" : ""}`);
  }
  return `{${fields.join(", ")}}`;
}

export interface Sorted {
  /** About the corrected data, by line. */
  readonly lines: readonly { readonly line: number; readonly message: string }[];
  readonly from: string | null;
  readonly version: string | null;
  /** Whether something is left that belongs to none of these. */
  readonly rest: boolean;
}

export const UNTROUBLED: Sorted = { lines: [], from: null, version: null, rest: false };

/** A refusal, each part at the field that its pointer names. */
export function sorted(errors: NonNullable<ProblemBody["errors"]>, code: string, detail: string, wish: Wish): Sorted {
  const root =
    wish.edit.what === "trigger" ? "/trigger_data" : wish.edit.what === "output" ? `/outputs/${escaped(wish.edit.node)}` : null;
  const reading = readExact(wish.text);
  const lines = errors.flatMap(({ pointer, message }) => {
    if (root === null || (pointer !== root && !pointer.startsWith(`${root}/`))) return [];
    return [{ line: reading.ok ? lineOf(reading.value, pointer.slice(root.length)) : 1, message }];
  });
  const from = errors.find((one) => one.pointer === "/from_node")?.message ?? null;
  const version = code === "not_deployed" ? detail : (errors.find((one) => one.pointer === "/version")?.message ?? null);
  return { lines, from, version, rest: lines.length === 0 && from === null && version === null };
}

function escaped(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
