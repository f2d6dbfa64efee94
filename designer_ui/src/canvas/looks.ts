/** What a node looks like and what it says of itself, from the catalog where it knows the type. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { catalogQuery } from "../api/queries";
import type { Catalog, FlowDocument, FlowNode, Json, JsonObject } from "../api/types";
import type { I18n } from "../i18n";
import { durationText, isoDuration } from "../lib/format";
import { isIconName, type IconName } from "../ui/Icon";
import type { Hue } from "../ui/parts";

const HUES: { readonly [name: string]: Hue } = {
  presta: "presta",
  prestashop: "presta",
  notes: "notes",
  logic: "logic",
  flow: "logic",
  http: "logic",
  data: "data",
};

/** Icon names that manifests use, in the words of our own set. */
const ALIASES: { readonly [name: string]: IconName } = {
  "shopping-cart": "cart",
  "truck-delivery": "truck",
  "progress-check": "flag",
  packages: "stack",
  document: "notes",
  "document-edit": "notesEdit",
  "document-plus": "notesNew",
  world: "globe",
  "world-upload": "globe",
  "git-branch": "branch",
  repeat: "loop",
  users: "people",
  "map-pin": "map",
  package: "box",
  history: "clock",
  category: "layers",
};

const BY_TYPE: { readonly [name: string]: IconName } = {
  "prestashop.order_event": "cart",
  "prestashop.order.get": "eye",
  "prestashop.order.set_tracking": "truck",
  "prestashop.order.set_state": "flag",
  "prestashop.stock.set": "stack",
  "notes.document_event": "notes",
  "notes.document.get": "eye",
  "notes.document.find": "search",
  "notes.document.create": "notesNew",
  "notes.document.update": "notesEdit",
  "http.request": "globe",
  "flow.branch": "branch",
  "flow.switch": "branch",
  "flow.filter": "filter",
  "flow.for_each": "loop",
  "flow.delay": "hourglass",
  "flow.wait_for_event": "bell",
  "flow.approval": "person",
  "flow.call": "play",
  "flow.called": "play",
  "flow.respond": "undo",
  "flow.stop": "stop",
  "data.map": "map",
  "data.validate": "check",
};

export interface Looks {
  readonly hue: Hue;
  readonly icon: IconName;
}

export const CONNECTOR_LOOKS: { readonly [id: string]: Looks } = {
  prestashop: { hue: "presta", icon: "shop" },
  notes: { hue: "notes", icon: "notes" },
  http: { hue: "logic", icon: "globe" },
};

export function connectorLooks(id: string | null | undefined): Looks {
  return CONNECTOR_LOOKS[id ?? ""] ?? { hue: "logic", icon: "plug" };
}

const CONNECTOR_NAMES: { readonly [id: string]: string } = { prestashop: "PrestaShop", notes: "Notes", http: "HTTP" };

export function connectorName(id: string, catalog?: Catalog): string {
  return CONNECTOR_NAMES[id] ?? catalog?.connectors.find((one) => one.id === id)?.name ?? id;
}

function bare(type: string): string {
  return type.split("@", 1)[0] ?? type;
}

export function nodeLooks(type: string, catalog?: Catalog): Looks {
  const known = catalog?.node_types.find((one) => one.type === type);
  const family = type.split(".", 1)[0] ?? "";
  const named = known === undefined ? "" : known.icon;
  const icon = BY_TYPE[bare(type)] ?? ALIASES[named] ?? (isIconName(named) ? named : "box");
  return { hue: HUES[family] ?? HUES[known?.hue ?? ""] ?? "logic", icon };
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function word(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

const ONE_EXPRESSION = /^\s*\{\{\s*([^{}]*?)\s*\}\}\s*$/;

/** An expression without its braces, for a place with little room. */
export function spoken(value: Json | undefined): string {
  const text = word(value);
  return ONE_EXPRESSION.exec(text)?.[1] ?? text;
}

/** The last names of a path, which tell the most where there is little room. */
function tail(value: Json | undefined, names: number): string {
  const text = spoken(value);
  return /^[\w.]+$/.test(text) ? text.split(".").slice(-names).join(".") : text;
}

/** A condition for people: the last names of paths, comparisons in words. */
export function conditionWords(condition: string, t: I18n["t"]): string {
  return condition
    .replaceAll(/\s*\|\s*default\((?:''|"")\)/g, "")
    .replaceAll(/\b(?:[A-Za-z_]\w*\.)+([A-Za-z_]\w*)/g, "$1")
    .replaceAll(/\s*!=\s*(?:''|"")/g, ` ${t("node.isFilled")}`)
    .replaceAll(/\s*==\s*(?:''|"")/g, ` ${t("node.isEmpty")}`)
    .replaceAll(/\s+is not none\b/g, ` ${t("node.isSet")}`)
    .replaceAll(/\s+is none\b/g, ` ${t("node.isEmpty")}`)
    .replaceAll(/\band\b/g, t("node.and"))
    .replaceAll(/\bor\b/g, t("node.or"))
    .replaceAll(/\bnot\b/g, t("node.not"));
}

function crosswalkCount(fields: readonly Json[]): number {
  const tables = fields.flatMap((field) =>
    list((field as JsonObject | null)?.["functions"]).flatMap((one) => {
      const { name, table } = one as { name?: Json; table?: Json };
      return name === "crosswalk" && typeof table === "string" ? [table] : [];
    }),
  );
  return new Set(tables).size;
}

/** One line in words: what the node does. */
export function summary(node: FlowNode, { t, locale }: I18n, catalog?: Catalog): string {
  const params = node.params ?? {};
  switch (bare(node.type)) {
    case "prestashop.order_event": {
      const changes = list(params["changes"]);
      return changes.includes("created") && !changes.includes("updated") ? t("node.orderPlaced") : t("node.orderChanged");
    }
    case "notes.document_event":
      return t("node.documentSaved", { forms: list(params["forms"]).map(word).join(", ") });
    case "prestashop.order.get":
      return t("node.orderGet");
    case "prestashop.order.set_tracking":
      return t("node.setTracking");
    case "prestashop.order.set_state":
      return t("node.setState");
    case "prestashop.stock.set":
      return t("node.setStock");
    case "notes.document.get":
      return t("node.documentGet");
    case "notes.document.find":
      return t("node.documentFind", { view: word(params["view"]) });
    case "notes.document.create":
      return t("node.documentCreate", { key: word(params["key_item"]) });
    case "notes.document.update":
      return t("node.documentUpdate");
    case "http.request":
      return `${word(params["method"]) || "GET"} ${word(params["path"]) || word(params["url"])}`;
    case "flow.branch":
    case "flow.filter":
      return conditionWords(spoken(params["condition"]), t);
    case "flow.switch":
      return t("node.switch", { value: tail(params["value"], 2), count: list(params["cases"]).length });
    case "flow.for_each":
      return t("node.forEach", { items: tail(params["items"], 1) });
    case "flow.delay": {
      const ms = isoDuration(word(params["for"]));
      return ms === null ? t("node.until", { when: spoken(params["until"]) }) : t("node.wait", { time: durationText(ms, locale) });
    }
    case "flow.wait_for_event":
      return t("node.waitFor", { key: tail(params["key"], 2) });
    case "flow.approval":
      return t("node.ask", { title: spoken(params["title"]) });
    case "flow.call":
      return t("node.call", { flow: word(params["flow"]) });
    case "flow.stop":
      return params["status"] === "failed" ? t("node.stopFailed") : t("node.stop");
    case "data.map": {
      const fields = list(params["fields"]);
      const tables = crosswalkCount(fields);
      const count = t("node.fields", { count: fields.length });
      return tables === 0 ? count : `${count}, ${t("node.crosswalks", { count: tables })}`;
    }
    case "data.validate": {
      const rules = list(params["rules"]).length;
      return rules === 0 ? t("node.validate") : t("node.validateRules", { count: rules });
    }
    default: {
      const known = catalog?.node_types.find((one) => one.type === node.type);
      return known?.summary ?? node.type;
    }
  }
}

/** Where the node acts: a connection by name, else the family it belongs to. */
export function place(
  node: FlowNode,
  document: FlowDocument,
  bound: { readonly [slot: string]: { readonly name: string } },
  t: I18n["t"],
): string {
  const slot = node.connection;
  if (slot !== undefined) return bound[slot]?.name ?? document.connections[slot]?.label ?? slot;
  if (node.type.startsWith("data.map")) return t("node.mapping");
  return node.type.startsWith("data.") ? t("node.data") : t("node.logic");
}

/** The catalog when it is there; pages do not wait for it. */
export function useCatalog(): Catalog | undefined {
  const { data } = useQuery(catalogQuery);
  return useMemo(() => data, [data]);
}
