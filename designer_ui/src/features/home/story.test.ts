import { describe, expect, it } from "vitest";

import type { ConnectionBrief, HomeCard } from "../../api/types";
import { i18nOf } from "../../i18n";
import { needs, sentence, sparkPath, totals } from "./story";

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

const BROKEN: ConnectionBrief = {
  slug: "shop",
  name: "Meadow Shop",
  connector: "prestashop",
  system: "shop.example",
  state: "needs_attention",
  state_message: "The key is withdrawn.",
  facts: {},
  checked_at: "2026-11-23T11:00:00Z",
  is_twin: false,
};

describe("needs", () => {
  it("lists what blocks most first, and nothing when all is well", () => {
    const cards = [{ ...card("Orders", "flowing"), errors: 2 }, { ...card("Stock", "delayed"), late_since: "2026-11-23T10:00:00Z" }];
    expect(needs({ cards, connections: [BROKEN, { ...BROKEN, state: "healthy" }] }).map((one) => [one.kind, one.name])).toEqual([
      ["connection", "Meadow Shop"],
      ["late", "Stock"],
      ["errors", "Orders"],
    ]);
    expect(needs({ cards: [card("A", "flowing")], connections: [] })).toEqual([]);
  });

  it("is part of the sentence when a system cannot be used", () => {
    expect(sentence({ cards: [card("Orders", "flowing")], connections: [BROKEN] }, EN)).toBe(
      "Meadow Shop needs attention. Orders is flowing.",
    );
  });
});

describe("sentence", () => {
  it("says what is wrong before what is well", () => {
    const cards = [card("Orders", "flowing"), card("Stock", "delayed"), card("Status", "failing")];
    const all = { cards, connections: [] };
    expect(sentence(all, EN)).toBe("Status is failing. Stock is late. Orders is flowing.");
    expect(sentence(all, i18nOf("de", "de-DE"))).toBe("Status schlägt fehl. Stock ist im Verzug. Orders läuft.");
  });

  it("is short when all flows, and honest when nothing has", () => {
    expect(sentence({ cards: [card("A", "flowing"), card("B", "flowing")], connections: [] }, EN)).toBe("Everything is flowing.");
    expect(sentence({ cards: [{ ...card("A", "flowing"), errors: 2 }], connections: [] }, EN)).toBe(
      "Everything is flowing, except 2 records.",
    );
    expect(sentence({ cards: [card("A", "idle")], connections: [] }, EN)).toBe("All is quiet.");
    expect(sentence({ cards: [], connections: [] }, EN)).toBe("No flow is deployed here yet.");
  });
});

describe("sentence with much to say", () => {
  it("tells errors that a flowing flow had, and counts names that would not fit", () => {
    const some = [{ ...card("Orders", "flowing"), errors: 1 }, card("Stock", "idle")];
    expect(sentence({ cards: some, connections: [] }, EN)).toBe("Orders is flowing. 1 record did not arrive today.");
    const long = "Auftragspositionen-Einzelverarbeitung mit Rückmeldungsprotokollierung";
    const cards = [card(long, "flowing"), card("Orders", "flowing"), card("Stock", "idle")];
    expect(sentence({ cards, connections: [] }, EN)).toBe("2 flows are flowing.");
    expect(sentence({ cards: cards.slice(0, 1).concat(card("B", "idle")), connections: [] }, EN)).toBe(`${long} is flowing.`);
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
