/** How runs hang together, as the REST API tells it. */

import type { RunState } from "./types";

/** A run that called this one, or that this one called: by its step, and that one's loop item. */
export interface RelatedRun {
  readonly id: string;
  readonly flow: string;
  readonly state: RunState;
  readonly node: string;
  readonly path: string;
}

/** The dead letter of a loop item. */
export interface FailedItem {
  readonly id: string;
  readonly state: RunState;
  readonly item: string;
  readonly resolved_at: string | null;
}
