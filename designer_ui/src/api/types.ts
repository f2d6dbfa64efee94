/** The shapes that the REST API and the live channel speak. */

import type { Connection } from "./connectionTypes";
import type { FailedItem, RelatedRun } from "./relatedRuns";

export type * from "./connectionTypes";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Page<T> {
  readonly results: readonly T[];
  readonly next: string | null;
}

export interface ProblemBody {
  readonly type?: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
}

export type EnvironmentKind = "production" | "test" | "development" | "sandbox";

export interface Environment {
  readonly slug: string;
  readonly name: string;
  readonly kind: EnvironmentKind | (string & {});
}

export interface User {
  readonly username: string;
  readonly name: string;
  readonly initials: string;
}

export interface Session {
  readonly user: User | null;
  readonly permissions: readonly string[];
  readonly environments: readonly Environment[];
  readonly demo: boolean;
  readonly csrf?: string;
}

export type NodeKind = "trigger" | "action" | "control" | "data";

export interface NodeType {
  readonly type: string;
  readonly title: string;
  readonly summary: string;
  readonly icon: string;
  readonly hue: string;
  readonly kind: NodeKind;
  readonly ports: readonly string[];
  readonly connector?: string | null;
  readonly effect?: string | null;
  readonly listens?: boolean;
  /** JSON Schema of the settings. */
  readonly params_schema: { readonly [key: string]: unknown };
}

export interface Connector {
  readonly id: string;
  readonly name: string;
  readonly hue: string;
  readonly icon: string;
  readonly settings_schema: JsonObject;
  readonly secrets_schema: JsonObject;
}

export interface Catalog {
  readonly connectors: readonly Connector[];
  readonly node_types: readonly NodeType[];
}

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly connection?: string;
  readonly params?: JsonObject;
  readonly policy?: JsonObject;
}

export interface FlowEdge {
  readonly from: string;
  readonly port: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface FlowDocument {
  readonly format: number;
  readonly slug: string;
  readonly name: string;
  readonly description?: string;
  readonly connections: { readonly [slot: string]: { readonly connector: string; readonly label?: string } };
  readonly settings?: JsonObject;
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  readonly layout?: { readonly nodes?: { readonly [node: string]: Point } };
}

export interface FlowRow {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly latest_version: number | null;
  readonly deployed: { readonly version: number; readonly deployed_at: string } | null;
  readonly connectors: readonly string[];
  readonly today: { readonly succeeded: number; readonly failed: number };
  readonly last_run_at: string | null;
}

export interface FlowVersion {
  readonly number: number;
  readonly digest: string;
  readonly note: string;
  readonly created_by: string | null;
  readonly created_at: string;
  readonly document?: FlowDocument;
}

export interface FlowDetail extends FlowRow {
  readonly document: FlowDocument;
  readonly versions: readonly FlowVersion[];
}

export interface Deployment {
  readonly flow: string;
  readonly version: number;
  readonly environment: string;
  readonly bindings: { readonly [slot: string]: string };
  readonly deployed_at: string;
  readonly deployed_by: string | null;
}

export type RunState = "pending" | "running" | "waiting" | "succeeded" | "failed" | "dead" | "cancelled";

export interface FarSideError {
  readonly class: string;
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly detail?: Json;
  readonly retryable?: boolean;
  readonly happened?: "yes" | "no" | "unknown";
  readonly node?: string;
}

export interface ReceiptCounts {
  readonly confirmed: number;
  readonly absorbed: number;
  readonly diverged: number;
}

export interface RunRow {
  readonly id: string;
  readonly flow: { readonly slug: string; readonly name: string };
  readonly version: number;
  readonly business_key: string;
  readonly state: RunState;
  readonly outcome: string;
  readonly error: FarSideError | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly receipts: ReceiptCounts;
  readonly revision: number;
  readonly resolved_at: string | null;
  readonly replay_of: string | null;
  /** Of a loop item's dead letter: which item of the run in `replay_of`; else empty. */
  readonly item: string;
  /** Of a run that does a part of a for-each for another one: which; else empty. */
  readonly chunk: string;
}

export interface ReceiptField {
  readonly field: string;
  readonly sent: Json;
  readonly read_back: Json;
  readonly result: "same" | "absorbed" | "diverged";
  readonly note?: string;
}

export interface Receipt {
  readonly system: string;
  readonly entity: string;
  readonly record_id: string;
  readonly action: string;
  readonly verdict: "confirmed" | "absorbed" | "diverged";
  readonly fields: readonly ReceiptField[];
}

export interface TriggerInfo {
  readonly node?: string;
  readonly type?: string;
  readonly change?: string;
  readonly entity?: string;
  readonly entity_id?: string;
  readonly occurred_at?: string;
  readonly business_key?: string;
  readonly data?: Json;
}

export interface BoundConnection {
  readonly slug: string;
  readonly name: string;
  readonly is_twin: boolean;
}

export interface RunDetail extends RunRow {
  readonly document: FlowDocument;
  readonly trigger: TriggerInfo;
  readonly events_seq: number;
  readonly connections: { readonly [slot: string]: BoundConnection };
  readonly unresolved: readonly Unresolved[];
  readonly resolved_by: string;
  readonly resolved_note: string;
  readonly replays: readonly { readonly id: string; readonly state: RunState }[];
  readonly called_by: RelatedRun | null;
  readonly calls: readonly RelatedRun[];
  readonly failed_items: readonly FailedItem[];
}

/** A write of which nobody knows whether it happened: what was sent, and what came back. */
export interface Unresolved {
  readonly node: string;
  readonly path: string;
  readonly attempt: number;
  readonly effect_key: string;
  readonly sent_at: string | null;
  readonly sent_before: boolean;
  readonly params?: Json;
  readonly answer: { readonly at: string; readonly error: FarSideError } | null;
  readonly looks: readonly { readonly at: string; readonly happened: boolean | null; readonly error: FarSideError | null }[];
}

/** What a bulk replay would take; of the rows only the first. */
export interface BulkPreview {
  readonly count: number;
  readonly runs: readonly RunRow[];
  readonly superseded_count: number;
  readonly superseded: readonly RunRow[];
  readonly left: boolean;
}

/** How far a bulk replay has come: the counts add up to `total`. */
export interface BulkRow {
  readonly id: string;
  readonly environment: string;
  readonly state: "running" | "done" | "cancelled";
  readonly created_by: string;
  readonly created_at: string;
  readonly ended_at: string | null;
  readonly ended_by: string;
  readonly problem: string;
  readonly version: number | null;
  readonly total: number;
  readonly replayed: number;
  readonly left_out: number;
  readonly refused: number;
  readonly waiting: number;
}

export interface BulkDetail extends BulkRow {
  readonly replays: { readonly [S in RunState]: number };
  readonly problems: readonly { readonly run: string; readonly business_key: string; readonly message: string }[];
}

/** What a replay would take over, before it is made. */
export interface ReplayPreview {
  readonly version: number;
  readonly attached: readonly string[];
}

export interface RunEvent {
  readonly seq: number;
  readonly type: string;
  readonly node: string;
  readonly path: string;
  readonly at: string;
  readonly data: JsonObject;
}

export type ConnectionState = "unchecked" | "healthy" | "needs_attention";

export interface CrosswalkRow {
  readonly slug: string;
  readonly name: string;
  readonly left_label: string;
  readonly right_label: string;
  readonly changed_at?: string;
  readonly entries_count?: number;
}

export interface CrosswalkDetail extends CrosswalkRow {
  readonly entries: readonly {
    readonly left: string;
    readonly right: string;
    readonly note: string;
    readonly direction: "both" | "to_right" | "to_left";
  }[];
}

export type CardStatus = "flowing" | "idle" | "delayed" | "failing";

export interface HomeCard {
  readonly flow: string;
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly status: CardStatus;
  readonly lag_ms: number | null;
  readonly lag_p95_ms?: number | null;
  readonly lag_max_ms?: number | null;
  readonly late_since?: string | null;
  readonly today: number;
  readonly receipts: ReceiptCounts;
  readonly errors: number;
  readonly conflicts: number;
  readonly spark: readonly number[];
}

export interface HomeChange {
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly who: string | null;
  readonly at: string;
}

/** A connection as lists show it. */
export type ConnectionBrief = Pick<
  Connection,
  "slug" | "name" | "connector" | "system" | "state" | "state_message" | "facts" | "checked_at" | "circuit" | "is_twin"
>;

export interface Home {
  readonly cards: readonly HomeCard[];
  readonly connections: readonly ConnectionBrief[];
  readonly changes: readonly HomeChange[];
}

/* The sandbox: what the control planes of the two twins say of themselves. */

export interface ShopCombination {
  readonly id: string | number;
  readonly name: string;
  readonly reference?: string;
  readonly price?: string | number;
  readonly quantity: number;
}

export interface ShopProduct {
  readonly id: string | number;
  readonly name: string;
  readonly reference?: string;
  readonly price: string | number;
  readonly image?: string | null;
  readonly combinations: readonly ShopCombination[];
  readonly quantity: number;
}

export interface ShopOrder {
  readonly id: string | number;
  readonly reference: string;
  readonly placed: string;
  readonly customer?: Json;
  readonly state: { readonly id: string | number; readonly name: string; readonly color: string };
  readonly tracking: string | null;
  readonly total: string | number;
}

export interface ShopCustomer {
  readonly id: string | number;
  readonly name: string;
  readonly email?: string;
  readonly addresses?: readonly JsonObject[];
}

export type Faults = { readonly [name: string]: Json };

export interface ShopState {
  readonly products: readonly ShopProduct[];
  readonly customers: readonly ShopCustomer[];
  readonly orders: readonly ShopOrder[];
  readonly faults?: Faults;
  readonly unreachable?: boolean;
}

export interface NotesDocument {
  readonly unid: string;
  readonly form: string;
  readonly modified: string;
  readonly created?: string;
  readonly items: JsonObject;
}

export interface NotesState {
  readonly databases: readonly { readonly path: string; readonly title: string; readonly replica_id: string }[];
  readonly documents: readonly NotesDocument[];
  readonly faults?: Faults;
  readonly unreachable?: boolean;
}

export interface SandboxState {
  readonly shop: ShopState | null;
  readonly notes: NotesState | null;
}

export type Decision = "approved" | "rejected";

/** A question that a run puts to people. */
export interface Approval {
  readonly id: string;
  readonly title: string;
  readonly message: string;
  readonly masked: boolean;
  readonly flow: { readonly slug: string; readonly name: string };
  readonly environment: string;
  readonly run: string;
  readonly node: string;
  readonly path: string;
  readonly business_key: string;
  readonly role: string;
  readonly users: readonly string[];
  readonly asked_at: string;
  readonly until: string;
  readonly open: boolean;
  readonly may_decide: boolean;
  readonly decision: Decision | null;
  readonly decided_by: string;
  readonly decided_at: string | null;
  readonly comment: string;
}
