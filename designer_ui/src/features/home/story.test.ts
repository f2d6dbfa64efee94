import { describe, expect, it } from "vitest";

import type { HomeCard } from "../../api/types";
import { i18nOf } from "../../i18n";
import { sentence, sparkPath, totals } from "./story";

function card(name: string, status: HomeCard["status"], receipts = { confirmed: 3, absorbed: 1, diverged: 1 }): HomeCard {
  return {
    flow: name,
    name,
    from: "prestashop",
    to: "notes",
    status,
    lag_ms: 4200,
    today: 5,
    receipts,
    errors: 0,
    conflicts: 0,
    spark: [],
  };
}

const EN = i18nOf("en", "en-GB");

describe("sentence", () => {
  it("says what is wrong before what is well", () => {
    const cards = [card("Orders", "flowing"), card("Stock", "delayed"), card("Status", "failing")];
    expect(sentence(cards, EN)).toBe("Status is failing. Stock is late. Orders is flowing.");
    expect(sentence(cards, i18nOf("de", "de-DE"))).toBe("Status schlägt fehl. Stock ist im Verzug. Orders läuft.");
  });

  it("is short when all flows, and honest when nothing has", () => {
    expect(sentence([card("A", "flowing"), card("B", "flowing")], EN)).toBe("Everything is flowing.");
    expect(sentence([card("A", "idle")], EN)).toBe("All is quiet.");
    expect(sentence([], EN)).toBe("No flow is deployed here yet.");
  });
});

describe("totals", () => {
  it("counts absorbed values as arrived and diverged ones not", () => {
    expect(totals([card("A", "flowing"), card("B", "idle")])).toEqual({ confirmed: 8, records: 10 });
  });
});

describe("sparkPath", () => {
  it("runs from left to right and stays inside its field", () => {
    expect(sparkPath([0, 2, 4], 100, 44)).toEqual({
      line: "M0.0 40.0L50.0 22.0L100.0 4.0",
      area: "M0.0 40.0L50.0 22.0L100.0 4.0L100 44L0 44Z",
      end: "100.0 4.0",
    });
    expect(sparkPath([0, 0], 10, 44).line).toBe("M0.0 40.0L10.0 40.0");
  });
});
