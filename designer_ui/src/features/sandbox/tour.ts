/** The guided tour: six steps that follow one order there and back. Pure. */

import type { SandboxState } from "../../api/types";
import { orders, reference, status } from "./records";

export const TOUR_STEPS = ["order", "watch", "record", "ship", "shop", "run"] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

export interface Tour {
  /** null: over, because it was finished or skipped. */
  readonly step: TourStep | null;
  /** The order that the tour follows, by its reference. */
  readonly order: string | null;
  /** After a step back the person goes on, not the tour. */
  readonly held: boolean;
}

export type TourAct =
  | { readonly kind: "placed"; readonly order: string }
  | { readonly kind: "opened" }
  | { readonly kind: "next" }
  | { readonly kind: "back" }
  | { readonly kind: "skip" }
  | { readonly kind: "restart" };

const START: Tour = { step: "order", order: null, held: false };
const SHIPPED = "Shipped";
/** The shop's own number for the state that stands for it. */
const SHIPPED_STATE = "4";

export function tourAfter(tour: Tour, act: TourAct): Tour {
  const at = tour.step === null ? -1 : TOUR_STEPS.indexOf(tour.step);
  switch (act.kind) {
    case "placed":
      return tour.step === "order" ? { step: "watch", order: act.order, held: false } : tour;
    case "opened":
      return tour.step === "run" ? { ...tour, step: null, held: false } : tour;
    case "next":
      return tour.step === null ? tour : { ...tour, step: TOUR_STEPS[at + 1] ?? null, held: false };
    case "back":
      return at < 1 ? tour : { ...tour, step: TOUR_STEPS[at - 1] ?? "order", held: true };
    case "skip":
      return { ...tour, step: null, held: false };
    case "restart":
      return START;
  }
}

/** Whether the person, or the bridge, did what the step is about. The first and the last step end
 * with an act of the person: placing an order, opening the run. */
export function isDone({ step, order }: Tour, { shop, notes }: Pick<SandboxState, "shop" | "notes">, open: string | null): boolean {
  if (order === null) return false;
  const record = orders(notes?.documents ?? []).find((one) => reference(one) === order);
  switch (step) {
    case "watch":
      return record !== undefined;
    case "record":
      return record !== undefined && record.unid === open;
    case "ship":
      return record !== undefined && status(record) === SHIPPED;
    case "shop":
      return (shop?.orders ?? []).some((one) => one.reference === order && String(one.state.id) === SHIPPED_STATE);
    default:
      return false;
  }
}

/** What this browser remembers; whoever never was here begins at the first step. */
export function readTour(stored: string | null): Tour {
  try {
    const saved: unknown = JSON.parse(stored ?? "null");
    if (typeof saved !== "object" || saved === null) return START;
    const { step, order } = saved as { step?: unknown; order?: unknown };
    if (step === null) return { ...START, step: null };
    const known = TOUR_STEPS.find((one) => one === step);
    if (known === undefined || (known !== "order" && typeof order !== "string")) return START;
    return { step: known, order: typeof order === "string" ? order : null, held: false };
  } catch {
    return START;
  }
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Spot {
  readonly left: number;
  readonly top: number;
}

const GAP = 12;
const EDGE = 8;

/** Where a card of a size stands beside a field without covering it: right or left of it, else
 * above or below, always inside the window. */
export function cardSpot(field: Box, card: { readonly width: number; readonly height: number }, view: { readonly width: number; readonly height: number }): Spot {
  const clamp = (value: number, most: number): number => Math.round(Math.max(EDGE, Math.min(value, most - EDGE)));
  const middle = clamp(field.top + field.height / 2 - card.height / 2, view.height - card.height);
  const right = field.left + field.width + GAP;
  if (right + card.width <= view.width - EDGE) return { left: Math.round(right), top: middle };
  const left = field.left - GAP - card.width;
  if (left >= EDGE) return { left: Math.round(left), top: middle };
  const across = clamp(field.left + field.width - card.width, view.width - card.width);
  const above = field.top - GAP - card.height;
  return { left: across, top: above >= EDGE ? Math.round(above) : clamp(field.top + field.height + GAP, view.height - card.height) };
}
