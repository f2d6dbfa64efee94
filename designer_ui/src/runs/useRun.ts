/** One run, whole and live: its journal by number, resumed where it broke off. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";

import { useLive, useLiveState } from "../api/LiveProvider";
import { runEvents, runQuery } from "../api/queries";
import type { RunDetail, RunEvent } from "../api/types";
import { EMPTY_RUN, isOver, takeEvents, type RunView } from "./view";

const ASK_EVERY = 1_500;

interface Followed {
  readonly view: RunView;
  readonly gap: boolean;
}

function follow(state: Followed, events: readonly RunEvent[]): Followed {
  return takeEvents(state.view, events);
}

function asEvent(number: number, event: unknown): RunEvent | null {
  if (typeof event !== "object" || event === null || !("type" in event)) return null;
  const { type, node, path, at, data } = event as Partial<RunEvent>;
  if (typeof type !== "string" || typeof at !== "string") return null;
  return { seq: number, type, node: node ?? "", path: path ?? "", at, data: data ?? {} };
}

export interface LiveRun {
  readonly detail: RunDetail | undefined;
  readonly view: RunView;
  readonly error: unknown;
  readonly reload: () => void;
}

/** Follows one run for the lifetime of the component: mount anew for another id. */
export function useRun(id: string): LiveRun {
  const query = useQuery(runQuery(id));
  const [{ view, gap }, take] = useReducer(follow, { view: EMPTY_RUN, gap: false });
  const [caughtUp, setCaughtUp] = useState(false);
  const channel = useLiveState();
  const seq = useRef(0);
  useEffect(() => {
    seq.current = view.seq;
  }, [view.seq]);

  const catchUp = useCallback(
    async (signal: AbortSignal) => {
      // Long journals come in pages; ask until nothing new comes.
      for (let after = seq.current; ; ) {
        const events = await runEvents(id, after, signal);
        const last = events.at(-1);
        if (last === undefined || last.seq <= after) break;
        take(events);
        after = last.seq;
      }
      setCaughtUp(true);
    },
    [id],
  );

  const { data, refetch } = query;
  const complete = data !== undefined && isOver(data.state) && view.seq >= data.events_seq;
  const followed = channel === "open" && caughtUp && !gap;

  useEffect(() => {
    if (complete) return;
    const stop = new AbortController();
    const ask = () => {
      catchUp(stop.signal).catch(() => undefined); // asked again at the next turn
    };
    ask();
    const timer = followed ? null : window.setInterval(ask, ASK_EVERY);
    return () => {
      stop.abort();
      if (timer !== null) window.clearInterval(timer);
    };
  }, [catchUp, followed, complete]);

  useLive(complete || !caughtUp ? null : `run:${id}`, view.seq, ({ number, event }) => {
    const one = asEvent(number, event);
    if (one !== null) take([one]);
  });

  // Counts, duration and the end's words are the row's: read it again when the journal ends.
  const ended = isOver(view.state);
  useEffect(() => {
    if (ended) void refetch();
  }, [ended, refetch]);

  return { detail: data, view, error: query.error, reload: () => void refetch() };
}
