import { describe, expect, it } from "vitest";

import type { AskedBy, Load } from "../../api/types";
import { bars, limitOf, shares } from "./load";

const asked = (requests: number) => ({ calls: requests, requests, failed: 0, throttled: 0, mean_ms: requests === 0 ? null : 200 });
const by = (operation: string, requests: number, share: number): AskedBy => ({ ...asked(requests), operation, share });
const LOAD: Load = {
  minute: asked(3),
  hour: asked(60),
  day: asked(100),
  cap_per_minute: null,
  learnt_per_minute: null,
  operations: [],
  minutes: [],
  hours: [],
};

describe("bars", () => {
  it("shows the least that was asked, and nothing where nothing was", () => {
    expect(bars([0, 1, 500, 1000])).toEqual([0, 4, 50, 100]);
    expect(bars([0, 0])).toEqual([0, 0]);
    expect(bars([])).toEqual([]);
  });
});

describe("limitOf", () => {
  it("is the slower of setting and experience", () => {
    expect(limitOf(LOAD)).toBeNull();
    expect(limitOf({ ...LOAD, cap_per_minute: 300 })).toEqual({ perMinute: 300, learnt: false });
    expect(limitOf({ ...LOAD, learnt_per_minute: 90.4 })).toEqual({ perMinute: 90, learnt: true });
    expect(limitOf({ ...LOAD, cap_per_minute: 60, learnt_per_minute: 90 })).toEqual({ perMinute: 60, learnt: false });
  });
});

describe("shares", () => {
  it("puts the rest together", () => {
    const few = [by("a", 60, 60), by("b", 40, 40)];
    expect(shares({ ...LOAD, operations: few }, "others")).toEqual(few);
    const many = Array.from({ length: 10 }, (_, place) => by(`op${place}`, 10, 10));
    const found = shares({ ...LOAD, operations: many }, "others");
    expect(found).toHaveLength(8);
    expect(found[7]).toEqual({ operation: "others", calls: 30, requests: 30, failed: 0, throttled: 0, mean_ms: 200, share: 30 });
  });
});
