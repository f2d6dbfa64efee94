import { describe, expect, it } from "vitest";

import { de } from "./de";
import { en } from "./en";
import { localeOf, translate } from "./index";

const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1] ?? "").sort();

describe("translations", () => {
  it("has every text in every language, with the same parameters", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(names(de[key]), key).toEqual(names(en[key]));
      expect(de[key].trim(), key).not.toBe("");
    }
  });

  it("uses the product's words and none of their synonyms", () => {
    const forbidden = /\b(workflow|pipeline|job|execution|piece)s?\b/i;
    for (const map of [en, de]) {
      for (const [key, text] of Object.entries(map)) expect(text, key).not.toMatch(forbidden);
    }
  });

  it("chooses plurals and writes numbers by locale", () => {
    expect(translate("en", "runs.retries", { count: 1 })).toBe("1 retry");
    expect(translate("de", "runs.retries", { count: 2 })).toBe("2 neue Versuche");
    expect(translate("en", "home.confirmedOf", { confirmed: 1386, total: 1416 }, "en")).toContain("1,386 of 1,416");
  });

  it("keeps the reader's region", () => {
    expect(localeOf("en", ["de-AT", "en-US"])).toBe("en-US");
    expect(localeOf("de", ["fr-FR"])).toBe("de-DE");
  });
});
