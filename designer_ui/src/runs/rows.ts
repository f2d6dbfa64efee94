/** Live rows into lists that are already on the screen. Pure. */

import type { InfiniteData } from "@tanstack/react-query";

import { ATTENTION, type RunFilter } from "../api/queries";
import type { Page, RunRow } from "../api/types";

/** A dead letter that nobody dealt with yet. */
export function needsAttention(row: RunRow): boolean {
  return row.state === "dead" && row.resolved_at === null;
}

export function matches(row: RunRow, filter: RunFilter): boolean {
  if (filter.flow !== "" && row.flow.slug !== filter.flow) return false;
  if (filter.state === ATTENTION) {
    if (!needsAttention(row)) return false;
  } else if (filter.state !== "" && !filter.state.split(",").includes(row.state)) return false;
  return filter.q === "" || row.business_key.toLowerCase().includes(filter.q.toLowerCase());
}

/** The list with the row in its place: newer revisions win, new rows come first, others leave. */
export function mergeRow(
  data: InfiniteData<Page<RunRow>>,
  row: RunRow,
  filter: RunFilter,
): InfiniteData<Page<RunRow>> {
  const known = data.pages.some((page) => page.results.some((one) => one.id === row.id));
  // A message does not say which bulk replay made its run: those are asked for.
  const fits = (filter.bulk === "" || known) && matches(row, filter);
  if (!known && !fits) return data;
  const pages = data.pages.map((page, index) => {
    const kept = page.results.flatMap((one) => {
      if (one.id !== row.id) return [one];
      if (one.revision > row.revision) return [one];
      return fits ? [row] : [];
    });
    return { ...page, results: !known && index === 0 ? [row, ...kept] : kept };
  });
  return { ...data, pages };
}
