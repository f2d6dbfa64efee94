/** A live row into the lists that the page keeps. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import type { RunFilter } from "../api/queries";
import type { Page, RunRow } from "../api/types";
import { mergeRow } from "./rows";

type Rows = InfiniteData<Page<RunRow>>;

/**
 * Lists on the screen take the row. The others are asked for when somebody looks at them again:
 * data that is set counts as fresh, and would hide what else became of them meanwhile.
 */
export function foldRow(client: QueryClient, environment: string, row: RunRow): void {
  const queryKey = ["runs", environment];
  for (const query of client.getQueryCache().findAll({ queryKey, type: "active" })) {
    const data = query.state.data as Rows | undefined;
    const filter = query.queryKey[2];
    if (data === undefined || typeof filter !== "object" || filter === null) continue;
    const merged = mergeRow(data, row, filter as RunFilter);
    if (merged !== data) client.setQueryData(query.queryKey, merged);
  }
  void client.invalidateQueries({ queryKey, type: "inactive", refetchType: "none" });
}
