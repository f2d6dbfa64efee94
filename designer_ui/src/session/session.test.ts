import { describe, expect, it } from "vitest";

import { readPrefs } from "../app/prefs";
import { hrefIn } from "./session";

describe("hrefIn", () => {
  it("keeps what the address already says", () => {
    expect(hrefIn("/runs?flow=a&state=dead", "test", true)).toBe("/runs?flow=a&state=dead&environment=test");
    expect(hrefIn("/runs?environment=demo", "test", true)).toBe("/runs?environment=test");
    expect(hrefIn("/runs?flow=a", "demo", false)).toBe("/runs?flow=a");
  });
});

describe("readPrefs", () => {
  it("starts from the browser's languages and survives a broken entry", () => {
    expect(readPrefs(null, ["fr", "de-AT"])).toEqual({ theme: "system", language: "de", folded: null });
    expect(readPrefs("{broken", ["sv"])).toEqual({ theme: "system", language: "en", folded: null });
    expect(readPrefs('{"theme":"dark","language":"xx","folded":true}', ["en"])).toEqual({
      theme: "dark",
      language: "en",
      folded: true,
    });
  });
});
