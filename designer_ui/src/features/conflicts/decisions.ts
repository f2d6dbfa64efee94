/** What a person chose about a conflict, field by field, and what saving it will do. */

import type { Choice, Conflict, ConflictField, Side } from "../../api/syncTypes";
import type { Json } from "../../api/types";
import { isMasked } from "../../ui/tree";
import { same, typed, typingOf, untyped, type Typing } from "../../sync/values";

export const RECORD = "*record*";
export const CANDIDATES = "*candidates*";

/** One field's choice; `base` is sent as the value that both once agreed on. */
export type Pick =
  | { readonly by: "left" | "right" | "base" | "keep" }
  | { readonly by: "typed"; readonly text: string }
  /** One of the candidates by id; null: none of them. */
  | { readonly by: "candidate"; readonly id: string | null };

export type Draft = { readonly [field: string]: Pick };

export interface Decision {
  readonly field: string;
  readonly choice: Choice;
  readonly value?: Json;
}

export interface Body {
  readonly decisions: readonly Decision[];
  readonly remember: boolean;
}

export function isOpen(conflict: { readonly state: Conflict["state"] }): boolean {
  return conflict.state === "open" || conflict.state === "answered";
}

/** What both sides agreed on last; null where it is not known, and where it may not be read. */
export function baseOf(field: ConflictField): Json {
  const found = field.left_base ?? field.right_base;
  return isMasked(found) ? null : found;
}

export function typingOfField(field: ConflictField): Typing {
  return typingOf([field.left, field.right, field.left_base, field.right_base]);
}

/** Whether values may be typed: not about whole records, and not blind. */
export function mayType(field: ConflictField): boolean {
  return field.field !== RECORD && field.field !== CANDIDATES && !isMasked(field.left) && !isMasked(field.right);
}

/** What was chosen before and is not carried out yet. */
export function draftOf(conflict: Conflict): Draft {
  const found: { [field: string]: Pick } = {};
  for (const one of conflict.resolutions) {
    const field = conflict.fields.find((each) => each.field === one.field);
    if (field === undefined) continue;
    if (one.choice === "left" || one.choice === "right") found[one.field] = { by: one.choice };
    else if (one.field === CANDIDATES) found[one.field] = { by: "candidate", id: typeof one.value === "string" ? one.value : null };
    else if (!mayType(field)) continue;
    else if (baseOf(field) !== null && same(one.value, baseOf(field))) found[one.field] = { by: "base" };
    else found[one.field] = { by: "typed", text: untyped(one.value, typingOfField(field)) };
  }
  return found;
}

/** The value that comes of a choice; undefined while there is none or it cannot be read. */
export function resultOf(field: ConflictField, pick: Pick | undefined): Json | undefined {
  if (pick === undefined) return undefined;
  if (pick.by === "typed") return typed(pick.text, typingOfField(field));
  if (pick.by === "base") return baseOf(field);
  if (pick.by === "left" || pick.by === "right") return field[pick.by];
  return pick.by === "candidate" ? pick.id : null;
}

export function isMade(field: ConflictField, pick: Pick | undefined): boolean {
  return resultOf(field, pick) !== undefined;
}

/** The choices in their order in which they can be sent. */
export function decisionsOf(conflict: Conflict, draft: Draft): readonly Decision[] {
  return conflict.fields.flatMap((field): readonly Decision[] => {
    const pick = draft[field.field];
    const value = resultOf(field, pick);
    if (pick === undefined || value === undefined) return [];
    if (pick.by === "left" || pick.by === "right" || pick.by === "keep") return [{ field: field.field, choice: pick.by }];
    return [{ field: field.field, choice: "value", value }];
  });
}

/** Only the choice of a side of a field can be a rule. */
export function canBeRule(one: Decision): boolean {
  return (one.choice === "left" || one.choice === "right") && one.field !== RECORD && one.field !== CANDIDATES;
}

/** What is sent: what becomes no rule first, then the rest, whose answer may be the last one missing. */
export function bodiesOf(decisions: readonly Decision[], remember: boolean): readonly Body[] {
  const rules = remember ? decisions.filter(canBeRule) : [];
  const rest = decisions.filter((one) => !rules.includes(one));
  return [
    { decisions: rest, remember: false },
    { decisions: rules, remember: true },
  ].filter((one) => one.decisions.length > 0);
}

/** The fields that each side gets written, of what was chosen. */
export function writesOf(conflict: Conflict, draft: Draft): { readonly [side in Side]: readonly string[] } {
  const to = (side: Side): readonly string[] =>
    conflict.fields
      .filter((field) => {
        const pick = draft[field.field];
        if (pick === undefined || pick.by === "keep" || pick.by === "candidate" || field.field === RECORD) return false;
        if (pick.by === side) return false;
        const result = resultOf(field, pick);
        if (result === undefined) return false;
        return isMasked(result) || !same(result, field[side]);
      })
      .map((field) => field.field);
  return { left: to("left"), right: to("right") };
}

/** The side on which a record is deleted by what was chosen; null: none is. */
export function deletesOn(conflict: Conflict, draft: Draft): Side | null {
  const asked = conflict.fields.find((one) => one.field === RECORD);
  const pick = draft[RECORD];
  if (conflict.kind !== "deleted" || asked === undefined || (pick?.by !== "left" && pick?.by !== "right")) return null;
  return asked[pick.by] === null ? (pick.by === "left" ? "right" : "left") : null;
}

/** Which side is gone is hidden, so nobody may choose: the choice could delete a record. */
export function isBlind(conflict: Conflict): boolean {
  return conflict.kind === "deleted" && conflict.fields.some((one) => isMasked(one.left) || isMasked(one.right));
}

/** Whether the entry can be decided together with others, one side for all. */
export function canBeTicked(conflict: Conflict): boolean {
  return conflict.kind !== "candidates" && !isBlind(conflict);
}

/** One side for every field. */
export function allOf(conflict: Conflict, side: Side): Draft {
  return Object.fromEntries(conflict.fields.map((field) => [field.field, { by: side }]));
}

/** The entry that is looked at after this one; null when it is the only one. */
export function nextAfter(ids: readonly string[], id: string): string | null {
  const rest = ids.filter((one) => one !== id);
  return rest[Math.max(0, ids.indexOf(id))] ?? rest[0] ?? null;
}

export interface Candidate {
  readonly id: string;
  readonly label: string;
  readonly values: { readonly [field: string]: Json };
}

/** The records of one side of a question which one it is; none where they may not be read. */
export function candidatesOf(value: Json): readonly Candidate[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((one): readonly Candidate[] => {
    if (typeof one !== "object" || one === null || Array.isArray(one)) return [];
    const { id, label, values } = one as { readonly [name: string]: Json };
    if (typeof id !== "string") return [];
    const known = typeof values === "object" && values !== null && !Array.isArray(values) ? (values as Candidate["values"]) : {};
    return [{ id, label: typeof label === "string" ? label : "", values: known }];
  });
}
