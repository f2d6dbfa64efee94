/** Every read of the server, as query options: one key and one function each. */

import { queryOptions, infiniteQueryOptions } from "@tanstack/react-query";

import { api } from "./client";
import type {
  BulkDetail,
  BulkRow,
  Approval,
  Catalog,
  Connection,
  CrosswalkDetail,
  CrosswalkRow,
  Delivery,
  Deployment,
  FlowDetail,
  FlowRow,
  FlowVersion,
  Home,
  Load,
  Page,
  RunDetail,
  RunEvent,
  RunRow,
  SandboxState,
  Session,
} from "./types";

/** Lists come bare or as a page; readers want the rows. */
export function rows<T>(value: readonly T[] | Page<T>): readonly T[] {
  return "results" in value ? value.results : value;
}

const path = (...parts: readonly (string | number)[]): string =>
  `/${parts.map((one) => encodeURIComponent(one)).join("/")}`;

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => api.get<Session>("/session", {}, signal),
  staleTime: 60_000,
});

export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: ({ signal }) => api.get<Catalog>("/catalog", {}, signal),
  staleTime: Infinity,
});

export const homeQuery = (environment: string) =>
  queryOptions({
    queryKey: ["home", environment],
    queryFn: ({ signal }) => api.get<Home>("/home", { environment }, signal),
  });

export const flowsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["flows", environment],
    queryFn: async ({ signal }) => rows(await api.get<readonly FlowRow[] | Page<FlowRow>>("/flows", { environment }, signal)),
  });

export const flowQuery = (slug: string, environment: string) =>
  queryOptions({
    queryKey: ["flow", slug, environment],
    queryFn: ({ signal }) => api.get<FlowDetail>(path("flows", slug), { environment }, signal),
  });

export const versionQuery = (slug: string, number: number) =>
  queryOptions({
    queryKey: ["version", slug, number],
    queryFn: ({ signal }) => api.get<FlowVersion>(path("flows", slug, "versions", number), {}, signal),
    staleTime: Infinity,
  });

export const deploymentsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["deployments", environment],
    queryFn: async ({ signal }) =>
      rows(await api.get<readonly Deployment[] | Page<Deployment>>("/deployments", { environment }, signal)),
  });

export interface RunFilter {
  readonly flow: string;
  readonly state: string;
  readonly q: string;
  /** Id of a bulk replay: only what it made. */
  readonly bulk: string;
}

/** The pretended state of dead letters that nobody dealt with. */
export const ATTENTION = "attention";

export const runsQuery = (environment: string, filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ["runs", environment, filter],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<RunRow>>(
        "/runs",
        {
          environment,
          ...filter,
          ...(filter.state === ATTENTION ? { state: "", attention: "true" } : {}),
          cursor: pageParam,
        },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (last: Page<RunRow>) => last.next,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => api.get<RunDetail>(path("runs", id), {}, signal),
  });

export async function runEvents(id: string, after: number, signal?: AbortSignal): Promise<readonly RunEvent[]> {
  return rows(await api.get<readonly RunEvent[] | Page<RunEvent>>(`${path("runs", id)}/events`, { after }, signal));
}

/** Open questions: they come and go by themselves. */
export const approvalsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["approvals", environment],
    queryFn: async ({ signal }) =>
      rows(await api.get<readonly Approval[] | Page<Approval>>("/approvals", { environment, limit: 200 }, signal)),
    refetchInterval: 15_000,
  });

export const bulkQuery = (id: string) =>
  queryOptions({
    queryKey: ["bulk", id],
    queryFn: ({ signal }) => api.get<BulkDetail>(path("replays", id), {}, signal),
  });

export const bulksQuery = (environment: string) =>
  queryOptions({
    queryKey: ["bulks", environment],
    queryFn: async ({ signal }) => rows(await api.get<Page<BulkRow>>("/replays", { environment, limit: 20 }, signal)),
  });

/** Versions that were ever put to work in the environment, newest deployment first. */
export const deployedVersionsQuery = (flow: string, environment: string) =>
  queryOptions({
    queryKey: ["deployments", environment, flow, "retired"],
    queryFn: async ({ signal }) => {
      const found = rows(await api.get<Page<Deployment>>("/deployments", { environment, flow, retired: "true" }, signal));
      return [...new Set(found.map((one) => one.version))];
    },
  });

/** A run's answer as text, for data that a person corrects and sends back. */
export const runTextQuery = (id: string) =>
  queryOptions({
    queryKey: ["runText", id],
    queryFn: ({ signal }) => api.getText(path("runs", id), signal),
  });

export const connectionsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["connections", environment],
    queryFn: async ({ signal }) =>
      rows(await api.get<readonly Connection[] | Page<Connection>>("/connections", { environment }, signal)),
  });

export const connectionPath = (environment: string, slug: string, verb = ""): string =>
  `${path("connections", environment, slug)}${verb === "" ? "" : `/${verb}`}`;

export const deliveriesQuery = (environment: string, slug: string) =>
  infiniteQueryOptions({
    queryKey: ["deliveries", environment, slug],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Delivery>>(connectionPath(environment, slug, "deliveries"), { cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last: Page<Delivery>) => last.next,
  });

export const loadQuery = (environment: string, slug: string) =>
  queryOptions({
    queryKey: ["load", environment, slug],
    queryFn: ({ signal }) => api.get<Load>(connectionPath(environment, slug, "load"), {}, signal),
  });

export const crosswalksQuery = queryOptions({
  queryKey: ["crosswalks"],
  queryFn: async ({ signal }) => rows(await api.get<readonly CrosswalkRow[] | Page<CrosswalkRow>>("/crosswalks", {}, signal)),
});

export const crosswalkQuery = (slug: string) =>
  queryOptions({
    queryKey: ["crosswalk", slug],
    queryFn: ({ signal }) => api.get<CrosswalkDetail>(path("crosswalks", slug), {}, signal),
  });

export const sandboxQuery = queryOptions({
  queryKey: ["sandbox"],
  queryFn: ({ signal }) => api.get<SandboxState>("/sandbox", {}, signal),
});
