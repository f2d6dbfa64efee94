import { QueryClient, QueryObserver, type InfiniteData } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";

import type { Page, RunRow } from "../api/types";
import { foldRow } from "./foldRow";

const EVERYTHING = { flow: "", state: "", q: "", bulk: "" };
const DEAD = { ...EVERYTHING, state: "dead" };

function row(id: string, state: RunRow["state"], revision: number): RunRow {
  return { id, state, revision, flow: { slug: "f" }, business_key: id, resolved_at: null } as unknown as RunRow;
}

function list(...rows: RunRow[]): InfiniteData<Page<RunRow>> {
  return { pages: [{ results: rows, next: null, previous: null } as unknown as Page<RunRow>], pageParams: [null] };
}

function kept(client: QueryClient, filter: object): string[] | undefined {
  return client
    .getQueryData<InfiniteData<Page<RunRow>>>(["runs", "demo", filter])
    ?.pages.flatMap((page) => page.results.map((one) => `${one.id} ${one.state}`));
}

describe("a live row", () => {
  it("goes into the list on the screen and leaves the others to be asked for", () => {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
    client.setQueryData(["runs", "demo", EVERYTHING], list(row("a", "running", 1)));
    client.setQueryData(["runs", "demo", DEAD], list(row("b", "dead", 1)));
    const looking = new QueryObserver(client, { queryKey: ["runs", "demo", EVERYTHING] });
    const stop = looking.subscribe(() => undefined);
    foldRow(client, "demo", row("a", "dead", 2));
    expect(kept(client, EVERYTHING)).toEqual(["a dead"]);
    expect(kept(client, DEAD)).toEqual(["b dead"]);
    expect(client.getQueryState(["runs", "demo", DEAD])?.isInvalidated).toBe(true);
    expect(client.getQueryState(["runs", "demo", EVERYTHING])?.isInvalidated).toBe(false);
    stop();
  });

  it("never makes a list that waits to be asked for look fresh", () => {
    const client = new QueryClient();
    client.setQueryData(["runs", "demo", DEAD], list(row("b", "dead", 1)));
    void client.invalidateQueries({ queryKey: ["runs", "demo"] });
    foldRow(client, "demo", row("c", "succeeded", 5));
    expect(client.getQueryState(["runs", "demo", DEAD])?.isInvalidated).toBe(true);
  });
});
