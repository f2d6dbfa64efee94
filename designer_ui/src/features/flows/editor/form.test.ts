import { describe, expect, it } from "vitest";

import { Num } from "../../../document/value";
import { atField, controlOf, emptyItem, fieldsOf, pathInNode, problemsAt, shows, typedValue } from "./form";

const problem = (pointer: string) => ({ code: "x", pointer, message: "m", fix: "", node: "n", severity: "error" as const });

describe("forms of settings", () => {
  it("put what is required first and name what has no title", () => {
    const fields = fieldsOf({ required: ["b"], properties: { a_key: { type: "string" }, b: { type: "integer", title: "Bee", default: 3 } } });
    expect(fields.map((one) => [one.name, one.title, one.required, one.fallback])).toEqual([
      ["b", "Bee", true, "3"],
      ["a_key", "A key", false, ""],
    ]);
  });

  it("choose the control that the schema asks for", () => {
    const kinds = [
      [{ enum: ["a"] }, "choice"],
      [{ type: "boolean" }, "yesno"],
      [{ type: "integer" }, "number"],
      [{ type: "array", items: { enum: ["a", "b"] } }, "several"],
      [{ type: "array", items: { type: "string" } }, "list"],
      [{ type: "object", properties: { a: {} } }, "object"],
      [{ type: "object", title: "Items" }, "names"],
      [{ type: "object", title: "JSON Schema" }, "json"],
      [{ type: ["string", "array"] }, "text"],
      [{}, "text"],
    ] as const;
    for (const [schema, kind] of kinds) expect(controlOf(schema).kind, JSON.stringify(schema)).toBe(kind);
  });

  it("show as JSON what their control cannot hold, so that nothing is lost", () => {
    expect(shows(controlOf({ type: "string" }), { a: "b" })).toBe(false);
    expect(shows(controlOf({ type: "array", items: { enum: ["a"] } }), ["z"])).toBe(false);
    expect(shows(controlOf({ type: "boolean" }), "maybe")).toBe(false);
    expect(shows(controlOf({ type: "object", properties: { a: {} } }), [])).toBe(false);
    expect(shows(controlOf({ type: "boolean" }), undefined)).toBe(true);
  });

  it("take a number where one is wanted, as it was typed", () => {
    expect(typedValue({ type: "number" }, undefined, "68.20")).toEqual(new Num("68.20"));
    expect(typedValue({ type: "number" }, undefined, "{{ a }}")).toBe("{{ a }}");
    expect(typedValue({ type: "string" }, undefined, "75001")).toBe("75001");
    expect(typedValue({}, undefined, "75001")).toBe("75001");
    expect(typedValue({}, new Num("1"), "2")).toEqual(new Num("2"));
    expect(typedValue({ type: "string" }, "x", "")).toBeUndefined();
  });

  it("begin a list's item as its schema says", () => {
    expect([emptyItem({ type: "string" }), emptyItem({ type: "object", properties: { a: {} } }), emptyItem({ type: "array", items: {} })]).toEqual(["", {}, []]);
  });

  it("look for what is missing at the field that is empty", () => {
    const lacks = { ...problem("/nodes/3/params/cases/0"), message: "The value lacks 'port'." };
    expect(atField(lacks).pointer).toBe("/nodes/3/params/cases/0/port");
    expect(atField({ ...lacks, pointer: "/nodes/3" }).pointer).toBe("/nodes/3");
    expect(atField(problem("/nodes/3/params"))).toEqual(problem("/nodes/3/params"));
  });

  it("find the problems of a field by their pointer", () => {
    const all = [problem("/nodes/3/params/a"), problem("/nodes/3/params/a/b~1c"), problem("/nodes/3")];
    expect(problemsAt(all, ["params", "a"])).toEqual([all[0]]);
    expect(problemsAt(all, ["params", "a"], true)).toEqual([all[0], all[1]]);
    expect(pathInNode(all[1] ?? problem(""))).toEqual(["params", "a", "b/c"]);
  });
});
