/** A node's params as rows for people. Pure. */

import { spoken } from "../../canvas/looks";
import type { Json, JsonObject } from "../../api/types";

export type Source =
  | { readonly kind: "path" | "expression" | "value"; readonly text: string }
  | { readonly kind: "none" };

export interface MapRow {
  readonly target: string;
  readonly source: Source;
  readonly functions: readonly string[];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function functionWords(value: Json): string {
  if (!isObject(value)) return String(value);
  const { name, ...rest } = value;
  const most = Object.entries(rest)
    .filter(([key]) => key !== "on_missing")
    .map(([, one]) => String(one).replaceAll("_", " "));
  return most.length === 0 ? String(name) : `${String(name)} ${most.join(", ")}`;
}

function sourceOf(field: JsonObject): Source {
  if (typeof field["source"] === "string") return { kind: "path", text: field["source"] };
  if (typeof field["expression"] === "string") {
    const text = field["expression"];
    const short = spoken(text);
    return short === text ? { kind: "expression", text } : { kind: "path", text: short };
  }
  if (field["value"] !== undefined) {
    const value = field["value"];
    return { kind: "value", text: typeof value === "string" ? value : JSON.stringify(value) };
  }
  return { kind: "none" };
}

export function mapRows(params: JsonObject): readonly MapRow[] {
  const fields = params["fields"];
  if (!Array.isArray(fields)) return [];
  return (fields as readonly Json[]).filter(isObject).map((field) => {
    const functions = field["functions"];
    return {
      target: String(field["target"] ?? ""),
      source: sourceOf(field),
      functions: Array.isArray(functions) ? (functions as readonly Json[]).map(functionWords) : [],
    };
  });
}

/** Params without those that have a table of their own; nested ones by their path. */
export function plainParams(params: JsonObject, path = ""): readonly (readonly [string, Json])[] {
  return Object.entries(params).flatMap(([name, value]): readonly (readonly [string, Json])[] => {
    if (path === "" && (name === "rules" || name === "fields")) return [];
    const here = path === "" ? name : `${path}.${name}`;
    return isObject(value) && Object.keys(value).length > 0 ? plainParams(value, here) : [[here, value]];
  });
}

export interface TemplatePart {
  readonly text: string;
  readonly expression: boolean;
}

/** A mixed text as its plain and its computed parts; spaces between two computed ones go. */
export function templateParts(text: string): readonly TemplatePart[] {
  return text
    .split(/(\{\{.*?\}\})/)
    .map((one): TemplatePart => {
      const inner = /^\{\{\s*(.*?)\s*\}\}$/.exec(one)?.[1];
      return inner === undefined ? { text: one.trim(), expression: false } : { text: inner, expression: true };
    })
    .filter((one) => one.text !== "");
}
