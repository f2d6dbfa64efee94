/** Keeps everything that shows runs of an environment fresh, by the live channel or by asking. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { useLive, useLiveState } from "../api/LiveProvider";
import type { RunRow } from "../api/types";
import { foldRow } from "./foldRow";

const ASK_EVERY = 4_000;

function isRow(value: unknown): value is RunRow {
  return typeof value === "object" && value !== null && "id" in value && "state" in value && "revision" in value;
}

export function useLiveRuns(environment: string, onRow?: (row: RunRow) => void): void {
  const client = useQueryClient();
  const state = useLiveState();
  const pending = useRef<number | null>(null);

  const asking = useRef<number | null>(null);
  const replayed = () => {
    if (asking.current !== null) return;
    asking.current = window.setTimeout(() => {
      asking.current = null;
      void client.invalidateQueries({ queryKey: ["runs", environment] });
    }, 1_000);
  };

  const refreshSoon = () => {
    if (pending.current !== null) return;
    pending.current = window.setTimeout(() => {
      pending.current = null;
      void client.invalidateQueries({ queryKey: ["home", environment] });
      void client.invalidateQueries({ queryKey: ["flows", environment] });
    }, 1_000);
  };

  useLive(environment === "" ? null : `runs:${environment}`, null, ({ event }) => {
    if (!isRow(event)) return;
    onRow?.(event);
    foldRow(client, environment, event);
    // The run that it replays counts as dealt with now, which no message tells.
    if (event.replay_of !== null && event.state === "running") replayed();
    refreshSoon();
  });

  useEffect(() => {
    const ask = () => {
      void client.invalidateQueries({ queryKey: ["runs", environment] });
      void client.invalidateQueries({ queryKey: ["home", environment] });
    };
    if (state === "open") {
      // A fresh or restored channel tells only what is new: ask once for what was missed.
      ask();
      return;
    }
    const timer = window.setInterval(ask, ASK_EVERY);
    return () => window.clearInterval(timer);
  }, [client, environment, state]);

  useEffect(
    () => () => {
      for (const timer of [pending.current, asking.current]) if (timer !== null) window.clearTimeout(timer);
    },
    [],
  );
}
