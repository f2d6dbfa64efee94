import { describe, expect, it } from "vitest";

import type { FlowNode } from "../api/types";
import { i18nOf } from "../i18n";
import { conditionWords, nodeLooks, spoken, summary } from "./looks";

const EN = i18nOf("en", "en-GB");
const DE = i18nOf("de", "de-DE");

describe("conditionWords", () => {
  it("reads conditions as a person would", () => {
    expect(conditionWords("to_state.tracking_number != ''", EN.t)).toBe("tracking_number is filled");
    expect(conditionWords("to_state.state_id is not none", DE.t)).toBe("state_id ist gesetzt");
    expect(
      conditionWords("read.document.items.ShopOrderID | default('') != '' and not read.document.is_conflict", EN.t),
    ).toBe("ShopOrderID is filled and not is_conflict");
    expect(conditionWords("order.total > 5000 or order.id == '6'", EN.t)).toBe("total > 5000 or id == '6'");
  });
});

describe("summary", () => {
  const node = (type: string, params: FlowNode["params"]): FlowNode => ({ id: "a", type, name: "A", params: params ?? {} });
  it("says in one line what a node does", () => {
    expect(summary(node("prestashop.order_event@1", { changes: ["created"] }), EN)).toBe("When an order is placed");
    expect(summary(node("prestashop.order_event@1", { changes: ["created", "updated"] }), EN)).toBe("When an order changes");
    expect(
      summary(node("data.map@1", { fields: [{ target: "a" }, { target: "b", functions: [{ name: "crosswalk", table: "order-status" }] }] }), DE),
    ).toBe("2 Felder, 1 Codetabelle");
    expect(summary(node("flow.delay@1", { for: "PT90S" }), EN)).toBe("Wait 1.5\u00a0min");
    expect(summary(node("flow.delay@1", { until: "{{ a.at }}" }), EN)).toBe("Wait until a.at");
    expect(summary(node("flow.wait_for_event@1", { key: "{{ trigger.business_key }}" }), EN)).toBe("Wait for news of trigger.business_key");
    expect(summary(node("flow.approval@1", { title: "Refund {{ trigger.business_key }}?" }), EN)).toContain("Ask: Refund");
    expect(summary(node("flow.for_each@1", { items: "{{ read_order.order.lines }}" }), EN)).toBe("For each of lines");
    expect(summary(node("flow.switch@1", { value: "{{ read.carrier.name }}", cases: [{}, {}] }), EN)).toBe("carrier.name, 2 cases");
    expect(summary(node("flow.for_each@1", { items: "{{ a.b | sort }}" }), EN)).toBe("For each of a.b | sort");
    expect(summary(node("unknown.thing@1", {}), EN)).toBe("unknown.thing@1");
  });
});

describe("looks", () => {
  it("knows the families and what manifests call their icons", () => {
    expect(nodeLooks("prestashop.stock.set@1")).toEqual({ hue: "presta", icon: "stack" });
    expect(nodeLooks("acme.pay@1", { connectors: [], node_types: [{ type: "acme.pay@1", title: "", summary: "", icon: "shopping-cart", hue: "data", kind: "action", ports: ["out"], params_schema: {} }] })).toEqual({ hue: "data", icon: "cart" });
    expect(nodeLooks("acme.pay@1")).toEqual({ hue: "logic", icon: "box" });
  });

  it("takes only whole expressions out of their braces", () => {
    expect(spoken("{{ trigger.entity_id }}")).toBe("trigger.entity_id");
    expect(spoken("{{ a }} {{ b }}")).toBe("{{ a }} {{ b }}");
  });
});
