import { describe, expect, it } from "vitest";

import { count, duration, durationText, exactInstant, isoDuration, money, relative } from "./format";

describe("duration", () => {
  it("chooses the unit by size and keeps what matters", () => {
    expect(duration(18.4, "en")).toEqual({ value: "18", unit: "ms" });
    expect(duration(3560, "en")).toEqual({ value: "3.56", unit: "s" });
    expect(duration(42_300, "en")).toEqual({ value: "42.3", unit: "s" });
    expect(duration(14 * 60_000, "en")).toEqual({ value: "14", unit: "min" });
    expect(duration(90 * 60_000, "de")).toEqual({ value: "1,5", unit: "h" });
    expect(duration(3 * 86_400_000, "en")).toEqual({ value: "3", unit: "d" });
  });

  it("never shows a rounded-up 1000 ms or 60 s", () => {
    expect(duration(999.6, "en")).toEqual({ value: "1", unit: "s" });
    expect(duration(59_990, "en")).toEqual({ value: "1", unit: "min" });
  });

  it("shows no negative time when two clocks disagree", () => {
    expect(durationText(-5, "en")).toBe("0\u00a0ms");
  });

  it("calls what was faster than the clock less than a millisecond", () => {
    expect(durationText(0, "en")).toBe("< 1\u00a0ms");
    expect(durationText(1, "en")).toBe("1\u00a0ms");
  });
});

describe("locale", () => {
  it("writes counts and money the reader's way", () => {
    expect(count(1386, "en")).toBe("1,386");
    expect(count(1386, "de")).toBe("1.386");
    expect(money("68.20", "EUR", "en")).toBe("€68.20");
    expect(money("68.20", "EUR", "de")).toBe("68,20\u00a0€");
  });

  it("writes exact instants with seconds and zone", () => {
    expect(exactInstant("2026-11-03T08:15:04Z", "en-GB", "UTC")).toContain("08:15:04 UTC");
  });
});

describe("relative", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  it("speaks of near instants relatively and of far ones by date", () => {
    expect(relative("2026-11-23T12:00:00Z", now, "en")).toBe("now");
    expect(relative("2026-11-23T11:59:48Z", now, "en-GB")).toBe("12 sec ago");
    expect(relative("2026-11-23T11:57:00Z", now, "de")).toBe("vor 3 Min.");
    expect(relative("2026-11-22T11:00:00Z", now, "en")).toBe("yesterday");
    expect(relative("2026-11-03T12:00:00Z", now, "en")).toBe("Nov 3");
    expect(relative("2024-11-03T12:00:00Z", now, "en")).toBe("Nov 3, 2024");
  });
});

describe("isoDuration", () => {
  it("reads days to seconds and refuses the rest", () => {
    expect(isoDuration("PT30S")).toBe(30_000);
    expect(isoDuration("PT6H")).toBe(21_600_000);
    expect(isoDuration("P1DT2M")).toBe(86_520_000);
    expect(isoDuration("P")).toBeNull();
    expect(isoDuration("P1DT")).toBeNull();
    expect(isoDuration("six hours")).toBeNull();
  });
});
