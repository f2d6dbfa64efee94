/** Connections and what their pages show, as the API gives them. */

import type { JsonObject } from "./types";

export type ConnectionState = "unchecked" | "healthy" | "needs_attention";

/** How calls over a connection are let through; see docs/protection.md. */
export interface Circuit {
  readonly state: "closed" | "open" | "half_open" | "paused";
  readonly cause: "" | "failures" | "credentials" | "retry_after";
  readonly since: string | null;
  readonly next_try_at: string | null;
  readonly limit: number;
  readonly cap: number;
  readonly in_flight: number;
  readonly p95_ms: number | null;
}

/** The quiet hours of a connection; `until` is null outside of them. */
export interface Quiet {
  readonly mode: "pause" | "slow";
  readonly zone: string;
  readonly until: string | null;
}

export interface Asked {
  readonly calls: number;
  readonly requests: number;
  readonly failed: number;
  readonly throttled: number;
  readonly mean_ms: number | null;
}

export interface AskedBy extends Asked {
  readonly operation: string;
  readonly share: number;
}

/** The load that Causeway puts on a far side. */
export interface Load {
  readonly minute: Asked;
  readonly hour: Asked;
  readonly day: Asked;
  readonly cap_per_minute: number | null;
  readonly learnt_per_minute: number | null;
  readonly operations: readonly AskedBy[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
}

export interface Connection {
  readonly slug: string;
  readonly name: string;
  readonly connector: string;
  readonly system: string;
  readonly state: ConnectionState;
  readonly state_message: string;
  readonly facts: JsonObject;
  readonly checked_at: string | null;
  readonly circuit?: Circuit;
  readonly quiet?: Quiet | null;
  readonly is_twin: boolean;
  readonly settings: JsonObject;
  readonly secrets: { readonly [name: string]: { readonly set: boolean; readonly changed_at?: string | null } };
  readonly hook_path?: string | null;
  readonly hook_url?: string | null;
}

/** A new hook secret; the server shows it this once. */
export interface HookSecret {
  readonly secret: string;
  readonly old_until: string | null;
}

export interface TestEvent {
  readonly arrived: boolean;
  readonly status: number | null;
  readonly message: string;
  readonly delivery_id: string;
  readonly ms: number;
}

export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
  readonly size: number | null;
  readonly count: number;
}

export interface Delivery {
  readonly delivery_id: string;
  readonly received_at: string;
  /** Null: it was accepted. */
  readonly refused: Refusal | null;
  readonly test: boolean;
  readonly type: string | null;
  readonly change: string | null;
  readonly entity: string | null;
  readonly entity_id: string | null;
  readonly business_key: string;
  readonly run_ids: readonly string[];
}
