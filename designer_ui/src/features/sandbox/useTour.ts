import { useCallback, useEffect, useRef, useState } from "react";

import type { SandboxState } from "../../api/types";
import { isDone, readTour, tourAfter, type Tour, type TourAct } from "./tour";

const KEY = "causeway.tour";
/** What the bridge did stays on the screen for a moment before the next step is named. */
const LINGER = 2_500;

export interface TourHandle {
  readonly tour: Tour;
  readonly act: (act: TourAct) => void;
}

/** The tour of this browser: it goes on by itself when its step is done. */
export function useTour(sandbox: SandboxState | undefined, open: string | null): TourHandle {
  const [tour, setTour] = useState(() => readTour(window.localStorage.getItem(KEY)));
  const newest = useRef(tour);
  const act = useCallback((one: TourAct) => {
    const next = tourAfter(newest.current, one);
    newest.current = next;
    // At once: the last act leaves the page.
    window.localStorage.setItem(KEY, JSON.stringify({ step: next.step, order: next.order }));
    setTour(next);
  }, []);
  const done = sandbox !== undefined && !tour.held && isDone(tour, sandbox, open);
  const { step } = tour;
  useEffect(() => {
    if (!done) return;
    const timer = window.setTimeout(() => act({ kind: "next" }), step === "watch" || step === "shop" ? LINGER : 0);
    return () => window.clearTimeout(timer);
  }, [done, step, act]);
  return { tour, act };
}
