import { describe, expect, it } from "vitest";

import type { NotesState, ShopState } from "../../api/types";
import { cardSpot, isDone, readTour, tourAfter, TOUR_STEPS, type Tour } from "./tour";

const START = readTour(null);
const at = (step: Tour["step"], order: string | null = "NEW"): Tour => ({ step, order, held: false });
const shop = (state: string) => ({ orders: [{ reference: "NEW", state: { id: state } }] }) as unknown as ShopState;
const notes = (OrderStatus: string) =>
  ({ documents: [{ unid: "A", form: "Order Record", modified: "", items: { OrderRef: "NEW", OrderStatus } }] }) as unknown as NotesState;
const NO_NOTES = { documents: [] } as unknown as NotesState;

describe("tourAfter", () => {
  it("goes on with the order that was placed, only at the first step", () => {
    expect(tourAfter(START, { kind: "placed", order: "NEW" })).toEqual(at("watch"));
    expect(tourAfter(at("ship", "OLD"), { kind: "placed", order: "NEW" })).toEqual(at("ship", "OLD"));
  });

  it("walks through all steps and is over after the last", () => {
    let tour = START;
    const seen = TOUR_STEPS.map(() => {
      const { step } = tour;
      tour = tourAfter(tour, { kind: "next" });
      return step;
    });
    expect(seen).toEqual(TOUR_STEPS);
    expect(tour.step).toBeNull();
    expect(tourAfter(tour, { kind: "next" }).step).toBeNull();
  });

  it("holds after a step back, and can be skipped and begun again", () => {
    expect(tourAfter(at("record"), { kind: "back" })).toEqual({ ...at("watch"), held: true });
    expect(tourAfter(START, { kind: "back" })).toEqual(START);
    expect(tourAfter(at("ship"), { kind: "skip" }).step).toBeNull();
    expect(tourAfter(at(null), { kind: "restart" })).toEqual(START);
  });
});

describe("isDone", () => {
  it("knows each step by what the two systems hold", () => {
    expect(isDone(at("order", null), { shop: shop("2"), notes: notes("Shipped") }, null)).toBe(false);
    expect(isDone(at("watch"), { shop: shop("2"), notes: NO_NOTES }, null)).toBe(false);
    expect(isDone(at("watch"), { shop: shop("2"), notes: notes("Awaiting Approval") }, null)).toBe(true);
    expect(isDone(at("record"), { shop: shop("2"), notes: notes("Awaiting Approval") }, "B")).toBe(false);
    expect(isDone(at("record"), { shop: shop("2"), notes: notes("Awaiting Approval") }, "A")).toBe(true);
    expect(isDone(at("ship"), { shop: shop("2"), notes: notes("Awaiting Approval") }, "A")).toBe(false);
    expect(isDone(at("ship"), { shop: shop("2"), notes: notes("Shipped") }, null)).toBe(true);
    expect(isDone(at("shop"), { shop: shop("2"), notes: notes("Shipped") }, null)).toBe(false);
    expect(isDone(at("shop"), { shop: shop("4"), notes: notes("Shipped") }, null)).toBe(true);
    expect(isDone(at("run"), { shop: shop("4"), notes: notes("Shipped") }, null)).toBe(false);
    expect(isDone(at("watch"), { shop: null, notes: null }, null)).toBe(false);
  });
});

describe("readTour", () => {
  it("goes on where it stood, and begins anew with what it cannot read", () => {
    expect(readTour(JSON.stringify(at("ship")))).toEqual(at("ship"));
    expect(readTour(JSON.stringify(at(null))).step).toBeNull();
    for (const broken of ["{", "7", '{"step":"fly","order":"NEW"}', '{"step":"ship"}']) expect(readTour(broken)).toEqual(START);
  });
});

describe("cardSpot", () => {
  const view = { width: 1440, height: 900 };
  const card = { width: 340, height: 180 };
  it("stands right of its field, else left, else above or below, and never outside", () => {
    expect(cardSpot({ left: 88, top: 480, width: 480, height: 56 }, card, view)).toEqual({ left: 580, top: 418 });
    expect(cardSpot({ left: 800, top: 480, width: 480, height: 56 }, card, view)).toEqual({ left: 448, top: 418 });
    expect(cardSpot({ left: 70, top: 780, width: 1350, height: 100 }, card, view)).toEqual({ left: 1080, top: 588 });
    expect(cardSpot({ left: 0, top: 20, width: 1440, height: 100 }, card, view)).toEqual({ left: 1092, top: 132 });
    expect(cardSpot({ left: 0, top: 0, width: 320, height: 40 }, card, { width: 360, height: 640 }).top).toBe(52);
  });
});
