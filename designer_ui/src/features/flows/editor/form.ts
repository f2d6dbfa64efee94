/** A node's settings as fields of a form, after the JSON Schema of its type. Pure. */

import type { FlowProblem } from "../../../api/editing";
import { isList, isObj, Num, numberOf, type Path, type Value } from "../../../document/value";

export type Schema = { readonly [key: string]: unknown };

export type Control =
  | { readonly kind: "text"; readonly long: boolean }
  | { readonly kind: "number" }
  | { readonly kind: "yesno" }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "several"; readonly choices: readonly string[] }
  | { readonly kind: "list"; readonly item: Schema }
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  | { readonly kind: "names"; readonly item: Schema }
  | { readonly kind: "json" };

export interface Field {
  readonly name: string;
  readonly title: string;
  readonly hint: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly example: string;
  /** What counts where nothing is set; "" for nothing. */
  readonly fallback: string;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** "key_item" → "Key item", where the schema gives no title. */
function titled(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const example = list(schema["examples"])[0];
  return {
    name,
    title: text(schema["title"]) === "" ? titled(name) : text(schema["title"]),
    hint: text(schema["description"]),
    required,
    schema,
    example: text(example),
    fallback: isSchema(schema["default"]) ? "" : Array.isArray(schema["default"]) ? list(schema["default"]).map(text).join(", ") : text(schema["default"]),
  };
}

/** Required fields first, otherwise in the schema's order. */
export function fieldsOf(schema: Schema): readonly Field[] {
  const required = list(schema["required"]);
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const found = Object.entries(properties).flatMap(([name, one]) => (isSchema(one) ? [fieldOf(name, one, required.includes(name))] : []));
  return [...found.filter((one) => one.required), ...found.filter((one) => !one.required)];
}

export function controlOf(schema: Schema): Control {
  const type = schema["type"];
  if (Array.isArray(schema["enum"])) return { kind: "choice", choices: schema["enum"].map(text) };
  if (type === "boolean") return { kind: "yesno" };
  if (type === "integer" || type === "number") return { kind: "number" };
  if (type === "array") {
    const item = isSchema(schema["items"]) ? schema["items"] : {};
    const choices = list(item["enum"]).map(text);
    return choices.length > 0 ? { kind: "several", choices } : { kind: "list", item };
  }
  if (type === "object") {
    const fields = fieldsOf(schema);
    if (fields.length > 0) return { kind: "object", fields };
    if (isSchema(schema["additionalProperties"])) return { kind: "names", item: schema["additionalProperties"] };
    // An open object ("Items" of a document) is written as names and values, a JSON Schema as JSON.
    return /schema/i.test(text(schema["title"])) ? { kind: "json" } : { kind: "names", item: {} };
  }
  return { kind: "text", long: schema["x-multiline"] === true };
}

export function isExpression(value: Value | undefined): value is string {
  return typeof value === "string" && value.includes("{{");
}

/** Whether the control of the schema can show the value; what it cannot is shown as JSON. */
export function shows(control: Control, value: Value | undefined): boolean {
  if (value === undefined) return true;
  switch (control.kind) {
    case "text":
      return typeof value === "string" || value instanceof Num || typeof value === "boolean";
    case "number":
      return value instanceof Num || typeof value === "string";
    case "yesno":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" || value instanceof Num;
    case "several":
      return isList(value) && value.every((one) => typeof one === "string" && control.choices.includes(one));
    case "list":
      return isList(value);
    case "object":
    case "names":
      return isObj(value);
    case "json":
      return true;
  }
}

export function shownText(value: Value | undefined): string {
  if (value === undefined || value === null) return "";
  return value instanceof Num ? value.text : String(value);
}

/** What typing in a line means: nothing for an empty one, a number where the schema wants or
 * allows one and it is written like one, else the text. */
export function typedValue(schema: Schema, before: Value | undefined, typed: string): Value | undefined {
  if (typed === "") return undefined;
  const type = schema["type"];
  const numeric = type === "integer" || type === "number" || (type === undefined && before instanceof Num);
  if (numeric) return numberOf(typed.trim()) ?? typed;
  if (type === undefined && typeof before === "boolean" && (typed === "true" || typed === "false")) return typed === "true";
  return typed;
}

/** What a new item of a list begins as. */
export function emptyItem(schema: Schema): Value {
  const control = controlOf(schema);
  switch (control.kind) {
    case "object":
    case "names":
      return {};
    case "list":
    case "several":
      return [];
    case "yesno":
      return false;
    default:
      return "";
  }
}

/** The part of a pointer below a node: "/nodes/3/params/to" → ["params", "to"]. */
export function pathInNode(problem: FlowProblem): readonly string[] {
  return problem.pointer.split("/").slice(3).map((one) => one.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pathKey(path: Path): string {
  return path.map((one) => String(one).replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
}

/** Problems at exactly this place, or anywhere below it. */
export function problemsAt(problems: readonly FlowProblem[], path: Path, below = false): readonly FlowProblem[] {
  const key = pathKey(path);
  return problems.filter((one) => {
    const place = pathKey(pathInNode(one));
    return place === key || (below && place.startsWith(`${key}/`));
  });
}

const LACKED = /lacks '([^']+)'/;

/** What a settings object lacks is told of the object; people look for it at the field. */
export function atField(problem: FlowProblem): FlowProblem {
  const name = LACKED.exec(problem.message)?.[1];
  const inside = problem.pointer.startsWith("/nodes/") && problem.pointer.split("/").length > 3;
  return name === undefined || !inside ? problem : { ...problem, pointer: `${problem.pointer}/${pathKey([name])}` };
}
