import { describe, expect, it } from "vitest";

import type { JsonObject } from "../../api/types";
import { fieldsOf, filled, shown } from "./form";
import { slugOf } from "../../lib/slug";

const SETTINGS: JsonObject = {
  required: ["base_url"],
  properties: {
    limit: { type: "integer", title: "Limit" },
    base_url: { type: "string", title: "Address", examples: ["https://shop.example"] },
    auth: { type: "string", enum: ["session", "basic"], default: "session" },
    override: { type: "boolean", default: true },
    views: { type: "array", items: { type: "string" } },
    forms: { type: "object" },
  },
};
const SECRETS: JsonObject = { required: ["api_key"], properties: { api_key: { type: "string", title: "Key" } } };
const fields = [...fieldsOf(SETTINGS, "settings"), ...fieldsOf(SECRETS, "secrets")];

describe("fieldsOf", () => {
  it("makes a field of every kind, required ones first", () => {
    expect(fields.map((one) => [one.name, one.kind])).toEqual([
      ["base_url", "text"],
      ["limit", "number"],
      ["auth", "choice"],
      ["override", "yesno"],
      ["views", "list"],
      ["forms", "json"],
      ["api_key", "secret"],
    ]);
    expect(fields[0]?.example).toBe("https://shop.example");
  });
});

describe("filled", () => {
  it("reads each kind and leaves out what is empty", () => {
    const { settings, secrets, faults } = filled(fields, {
      "/settings/base_url": " https://a.example ",
      "/settings/limit": "12",
      "/settings/override": "false",
      "/settings/views": "a, b,,",
      "/settings/forms": '{"Order": {}}',
      "/secrets/api_key": " k ",
    });
    expect(settings).toEqual({ base_url: "https://a.example", limit: 12, override: false, views: ["a", "b"], forms: { Order: {} } });
    expect(secrets).toEqual({ api_key: " k " });
    expect(faults).toEqual({});
    expect(filled(fields, {}).secrets).toEqual({});
  });

  it("names what cannot be read", () => {
    expect(filled(fields, { "/settings/limit": "1.5", "/settings/forms": "{" }).faults).toEqual({
      "/settings/limit": "number",
      "/settings/forms": "json",
    });
  });

  it("gives back what was stored, and never a secret", () => {
    const stored: JsonObject = { base_url: "https://a", limit: 3, override: false, views: ["x", "y"], forms: { A: {} } };
    const values = Object.fromEntries(fields.map((one) => [`/${one.group}/${one.name}`, shown(one, stored[one.name])]));
    expect(filled(fields, values).settings).toEqual(stored);
    const [secret] = fieldsOf(SECRETS, "secrets");
    expect(secret && shown(secret, "leaked")).toBe("");
  });
});

describe("slugOf", () => {
  it("makes names for addresses", () => {
    expect(slugOf("Mein Shöp (EU)")).toBe("mein-shop-eu");
    expect(slugOf("--")).toBe("");
  });
});
