/** Links between two records and what about them waits for a person, as the REST API gives them. */

import type { Json, JsonObject, Receipt } from "./types";

export type Side = "left" | "right";

export interface KnownRecord {
  readonly system: string;
  /** Empty: not known yet. */
  readonly id: string;
}

export type LinkState = "new" | "active" | "parked" | "asleep" | "archived" | "gone";
export type ConflictKind = "fields" | "deleted" | "loop" | "diverged" | "overruled" | "candidates";
export type ConflictState = "open" | "answered" | "decided" | "settled" | "told";
export type Choice = "left" | "right" | "value" | "keep";

export interface ConflictField {
  readonly field: string;
  readonly left: Json;
  readonly right: Json;
  readonly left_base: Json;
  readonly right_base: Json;
  readonly winner: string;
  readonly by: string;
}

export interface Conflict {
  readonly id: string;
  readonly link: string;
  readonly label: string;
  readonly environment: string;
  readonly entity: string;
  readonly kind: ConflictKind;
  readonly state: ConflictState;
  readonly left: KnownRecord;
  readonly right: KnownRecord;
  readonly fields: readonly ConflictField[];
  readonly resolutions: readonly { readonly field: string; readonly choice: string; readonly value: Json }[];
  readonly run: string | null;
  readonly created_at: string;
  readonly changed_at: string;
  readonly decided_at: string | null;
  readonly decided_by: string;
}

export interface Decided extends Conflict {
  /** A run carries it out now; else the next news of the record does. */
  readonly looked_at: boolean;
}

export interface DecidedMany {
  readonly decided: readonly string[];
  readonly left_out: readonly string[];
}

export interface SyncRule {
  readonly id: string;
  readonly entity: string;
  readonly field: string;
  readonly winner: Side | "newest";
  readonly created_by: string;
  readonly created_at: string;
}

export interface LinkRow {
  readonly id: string;
  readonly entity: string;
  readonly label: string;
  readonly state: LinkState;
  readonly left: KnownRecord;
  readonly right: KnownRecord;
  readonly flow: string | null;
  readonly node: string;
  readonly hops: number;
  readonly writes: number;
  readonly echoes: number;
  readonly open: boolean;
  readonly created_at: string;
  readonly synced_at: string | null;
}

export interface LinkReceipt extends Receipt {
  readonly run: string;
  readonly at: string;
}

export interface LinkDetail extends LinkRow {
  readonly base: { readonly [side in Side]: JsonObject | null };
  readonly pending: readonly { readonly side: Side; readonly action: string; readonly fields: readonly string[] }[];
  readonly receipts: readonly LinkReceipt[];
  readonly conflicts: readonly Conflict[];
}

export interface Imported {
  readonly made: number;
  readonly known: number;
  readonly refused: readonly { readonly line: number; readonly message: string }[];
  readonly refused_count: number;
}
