import { describe, expect, it } from "vitest";

import { i18nOf } from "../../i18n";
import { askedOf } from "./words";

const { t } = i18nOf("en", "en-GB");

describe("askedOf", () => {
  it("names people and the role", () => {
    expect(askedOf({ role: "release_engineer", users: ["nora", "ben"] }, t)).toBe("nora, ben, role release engineer");
    expect(askedOf({ role: "", users: ["nora"] }, t)).toBe("nora");
  });
  it("says so when nobody is named", () => {
    expect(askedOf({ role: "", users: [] }, t)).toBe("whoever may start runs");
  });
});
