/** Reads of links, conflicts and rules. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api } from "./client";
import type { Conflict, LinkDetail, LinkRow, SyncRule } from "./syncTypes";
import type { Page } from "./types";

export interface ConflictFilter {
  readonly state: string;
  readonly kind: string;
  readonly entity: string;
}

export interface LinkFilter {
  readonly entity: string;
  readonly state: string;
  readonly q: string;
}

const AGAIN = 15_000;
/** So many open entries are counted; above, there are "more than". */
export const MOST_COUNTED = 100;

export const conflictsQuery = (environment: string, filter: ConflictFilter) =>
  infiniteQueryOptions({
    queryKey: ["conflicts", environment, filter],
    queryFn: ({ pageParam, signal }) => api.get<Page<Conflict>>("/conflicts", { environment, ...filter, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last: Page<Conflict>) => last.next,
    refetchInterval: AGAIN,
  });

/** How many wait for a person; the key begins as that of the lists, so that a decision renews it. */
export const openConflictsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["conflicts", environment, "open"],
    queryFn: async ({ signal }) => {
      const found = await api.get<Page<Conflict>>("/conflicts", { environment, state: "open", limit: MOST_COUNTED }, signal);
      return { count: found.results.length, more: found.next !== null };
    },
    enabled: environment !== "",
    refetchInterval: 2 * AGAIN,
  });

export const conflictQuery = (id: string) =>
  queryOptions({
    queryKey: ["conflict", id],
    queryFn: ({ signal }) => api.get<Conflict>(`/conflicts/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: AGAIN,
  });

export const syncRulesQuery = queryOptions({
  queryKey: ["syncRules"],
  queryFn: async ({ signal }) => {
    const found: SyncRule[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Page<SyncRule> = await api.get<Page<SyncRule>>("/sync-rules", { limit: 200, cursor }, signal);
      found.push(...page.results);
      cursor = page.next;
    }
    return found;
  },
});

export const linksQuery = (environment: string, filter: LinkFilter) =>
  infiniteQueryOptions({
    queryKey: ["links", environment, filter],
    queryFn: ({ pageParam, signal }) => api.get<Page<LinkRow>>("/links", { environment, ...filter, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last: Page<LinkRow>) => last.next,
  });

export const linkQuery = (id: string) =>
  queryOptions({
    queryKey: ["link", id],
    queryFn: ({ signal }) => api.get<LinkDetail>(`/links/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: AGAIN,
  });
