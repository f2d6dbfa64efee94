/** What went into a step and what it sent, from what the journal keeps. Pure. */

import type { FlowDocument, Json, JsonObject } from "../../api/types";
import type { RunView, StepView } from "../../runs/view";

/** Outputs of the nodes that this one reads, as its settings name them; where they name none, of
 * those right before. By node id; the trigger's data where the trigger is among them. */
export function inputOf(
  node: string,
  document: FlowDocument,
  view: RunView,
  triggerData: Json | undefined,
): JsonObject | undefined {
  const settings = JSON.stringify(document.nodes.find((one) => one.id === node)?.params ?? {});
  const names = (id: string): boolean => new RegExp(`\\b${id}\\b\\s*[.\\[|}]`).test(settings);
  const trigger = names("trigger") ? view.triggerNode : null;
  const read = document.nodes.map((one) => one.id).filter((id) => id !== node && (id === trigger || names(id)));
  const before = document.edges.filter((one) => one.to === node).map((one) => one.from);
  const found = (read.length > 0 ? read : before).flatMap((id): readonly (readonly [string, Json])[] => {
    const output = view.steps.find((one) => one.node === id && one.state === "succeeded")?.output;
    if (output !== undefined) return [[id, output]];
    return id === view.triggerNode && triggerData !== undefined ? [[id, triggerData]] : [];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** The fields that a write sent, as its receipt names them; undefined where nothing was written. */
export function sentOf(step: StepView): JsonObject | undefined {
  if (step.receipt === null) return undefined;
  return Object.fromEntries(step.receipt.fields.map((one) => [one.field, one.sent]));
}
