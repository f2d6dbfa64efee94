import { describe, expect, it } from "vitest";

import { mapRows, plainParams, templateParts } from "./settings";

describe("mapRows", () => {
  it("says for every target where its value comes from and what happens to it", () => {
    const rows = mapRows({
      fields: [
        { target: "OrderNo", source: "read_order.order.reference" },
        { target: "Name", expression: "{{ a.first }} {{ a.last }}", functions: [{ name: "trim" }] },
        { target: "Total", expression: "{{ a.total }}", functions: [{ name: "round", digits: 2 }] },
        { target: "Status", source: "a.state", functions: [{ name: "crosswalk", table: "order-status", direction: "to_left", on_missing: "fail" }] },
        { target: "TrackingNo", value: "" },
        { target: "Nothing" },
      ],
    });
    expect(rows.map((one) => [one.target, one.source, one.functions])).toEqual([
      ["OrderNo", { kind: "path", text: "read_order.order.reference" }, []],
      ["Name", { kind: "expression", text: "{{ a.first }} {{ a.last }}" }, ["trim"]],
      ["Total", { kind: "path", text: "a.total" }, ["round 2"]],
      ["Status", { kind: "path", text: "a.state" }, ["crosswalk order-status, to left"]],
      ["TrackingNo", { kind: "value", text: "" }, []],
      ["Nothing", { kind: "none" }, []],
    ]);
    expect(mapRows({})).toEqual([]);
  });
});

describe("plainParams", () => {
  it("flattens what has no table of its own", () => {
    expect(plainParams({ form: "Order Record", rules: [], schema: { type: "object", required: ["a"] }, items: {} })).toEqual([
      ["form", "Order Record"],
      ["schema.type", "object"],
      ["schema.required", ["a"]],
      ["items", {}],
    ]);
  });
});

describe("templateParts", () => {
  it("tells computed parts from plain ones", () => {
    expect(templateParts("{{ a.first }} {{ a.last }}").map((one) => one.text)).toEqual(["a.first", "a.last"]);
    expect(templateParts("prestashop:{{ shop.system }}/order/{{ order.id }}")).toEqual([
      { text: "prestashop:", expression: false },
      { text: "shop.system", expression: true },
      { text: "/order/", expression: false },
      { text: "order.id", expression: true },
    ]);
  });
});
