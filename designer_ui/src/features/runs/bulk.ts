/** What a bulk replay is asked to take, and how its look beforehand reads. Pure. */

import type { BulkDetail, BulkPreview, RunRow } from "../../api/types";

/** Named runs; without any, all dead letters that fit `flow` and `q`. */
export interface BulkWish {
  readonly runs: readonly string[];
  readonly flow: string;
  readonly q: string;
}

export interface Options {
  readonly skipSuperseded: boolean;
  /** null: each in the version that it ran in. */
  readonly version: number | null;
}

export const MOST_AT_ONCE = 10_000;

export function bulkBody(environment: string, wish: BulkWish, options: Options): Readonly<Record<string, unknown>> {
  return {
    environment,
    ...(wish.runs.length > 0 ? { runs: wish.runs } : { flow: wish.flow, q: wish.q }),
    limit: MOST_AT_ONCE,
    skip_superseded: options.skipSuperseded,
    ...(options.version === null ? {} : { version: options.version }),
  };
}

export interface Outlook {
  /** Named runs that are neither taken nor superseded: somebody dealt with them meanwhile. */
  readonly gone: number;
  /** Whose last write is in doubt: where nobody can be asked, they come back for a verdict. */
  readonly doubtful: number;
  /** The one flow that all taken runs belong to; null for several or none. */
  readonly flow: string | null;
}

export function outlook(wish: BulkWish, found: BulkPreview): Outlook {
  const flows = new Set(found.runs.map((one) => one.flow.slug));
  const [only] = flows;
  return {
    gone: wish.runs.length === 0 ? 0 : Math.max(0, wish.runs.length - found.count - found.superseded_count),
    doubtful: found.runs.filter((one) => one.error?.code === "unresolved").length,
    flow: flows.size === 1 ? (only ?? null) : null,
  };
}

export function keyOf(run: RunRow): string {
  return run.business_key === "" ? run.id.slice(-8) : run.business_key;
}

/** Whether something of it still moves, so that it is worth asking again. */
export function stillMoves({ state, replays }: Pick<BulkDetail, "state" | "replays">): boolean {
  return state === "running" || replays.pending + replays.running + replays.waiting > 0;
}

/** Where its new runs are, what nobody has to look at last; those of which there are none left out. */
export function arrivals({ replays }: Pick<BulkDetail, "replays">): readonly { readonly state: string; readonly count: number; readonly what: "succeeded" | "active" | "failed" | "cancelled" }[] {
  return (
    [
      { state: "failed,dead", count: replays.failed + replays.dead, what: "failed" },
      { state: "pending,running,waiting", count: replays.pending + replays.running + replays.waiting, what: "active" },
      { state: "succeeded", count: replays.succeeded, what: "succeeded" },
      { state: "cancelled", count: replays.cancelled, what: "cancelled" },
    ] as const
  ).filter((one) => one.count > 0);
}
