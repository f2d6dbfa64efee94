import { describe, expect, it } from "vitest";

import type { Catalog, NodeType } from "../../../api/types";
import { fit, found } from "./search";

const type = (name: string, title: string, more: Partial<NodeType> = {}): NodeType => ({
  type: `${name}@1`,
  title,
  summary: "",
  icon: "",
  hue: "",
  kind: "control",
  ports: ["out"],
  connector: null,
  params_schema: {},
  ...more,
});
const catalog: Catalog = {
  connectors: [],
  node_types: [
    type("flow.branch", "Branch", { ports: ["yes", "no"] }),
    type("flow.delay", "Delay"),
    type("flow.stop", "Stop", { ports: [] }),
    type("flow.manual", "By hand", { kind: "trigger" }),
    type("prestashop.order.set_state", "Set order state", { kind: "action", connector: "prestashop" }),
    type("prestashop.order.get", "Read an order", { kind: "action", connector: "prestashop" }),
    { ...type("prestashop.order.get", "Read an order", { kind: "action", connector: "prestashop" }), type: "prestashop.order.get@2" },
    type("notes.document.get", "Read a document", { kind: "action", connector: "notes" }),
  ],
};
const NONE: ReadonlySet<string> = new Set();
const names = (query: string, place: "start" | "after" | "between" = "after", used = NONE): string[] => found(catalog, query, place, used).map((one) => one.title);

describe("finding", () => {
  it("takes what people say in either language", () => {
    for (const query of ["if", "wenn", "branch", "verzweigung"]) expect(names(query)[0], query).toBe("Branch");
    for (const query of ["wait", "warten", "pause"]) expect(names(query)[0], query).toBe("Delay");
  });

  it("takes sentences, beginnings and slips of the finger", () => {
    expect(names("set the state of an order")[0]).toBe("Set order state");
    expect(names("ord sta")[0]).toBe("Set order state");
    expect(names("delya")[0]).toBe("Delay");
    expect(names("dleay")[0]).toBe("Delay");
    expect(names("xyzzy")).toEqual([]);
  });

  it("offers only what fits the place", () => {
    expect(names("")).not.toContain("By hand");
    expect(names("", "start")).toContain("By hand");
    expect(names("", "between")).not.toContain("Stop");
    expect(names("", "after")).toContain("Stop");
  });

  it("offers the newest version once, and the flow's own systems first among equals", () => {
    expect(found(catalog, "read an order", "after", NONE).filter((one) => one.title === "Read an order").map((one) => one.type)).toEqual(["prestashop.order.get@2"]);
    expect(names("read", "after", new Set(["notes"]))[0]).toBe("Read a document");
    expect(names("read", "after", new Set(["prestashop"]))[0]).toBe("Read an order");
  });

  it("does not take short words for slips", () => {
    expect(fit("or", "if")).toBe(0);
    expect(fit("map", "mop")).toBe(0);
  });
});
