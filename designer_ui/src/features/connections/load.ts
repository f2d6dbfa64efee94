/** The load on a far side as its card shows it. Pure. */

import type { AskedBy, Load } from "../../api/types";

const MOST = 8;

/** Heights in percent; the highest is 100, and a minute with anything in it can be seen. */
export function bars(series: readonly number[]): readonly number[] {
  const highest = Math.max(1, ...series);
  return series.map((one) => (one === 0 ? 0 : Math.max(4, Math.round((100 * one) / highest))));
}

/** What bounds the requests of a minute: the setting, or what was learnt, whichever is less. */
export function limitOf(load: Load): { readonly perMinute: number; readonly learnt: boolean } | null {
  const { cap_per_minute: cap, learnt_per_minute: learnt } = load;
  if (learnt !== null && (cap === null || learnt < cap)) return { perMinute: Math.floor(learnt), learnt: true };
  return cap === null ? null : { perMinute: Math.floor(cap), learnt: false };
}

/** Those that ask most; the rest together, as `others`. */
export function shares(load: Load, others: string): readonly AskedBy[] {
  if (load.operations.length <= MOST) return load.operations;
  const rest = load.operations.slice(MOST - 1);
  const sum = (name: "calls" | "requests" | "failed" | "throttled"): number => rest.reduce((all, one) => all + one[name], 0);
  const requests = sum("requests");
  const ms = rest.reduce((all, one) => all + (one.mean_ms ?? 0) * one.requests, 0);
  return [
    ...load.operations.slice(0, MOST - 1),
    {
      operation: others,
      calls: sum("calls"),
      requests,
      failed: sum("failed"),
      throttled: sum("throttled"),
      mean_ms: requests === 0 ? null : Math.round(ms / requests),
      share: Math.round(10 * rest.reduce((all, one) => all + one.share, 0)) / 10,
    },
  ];
}
