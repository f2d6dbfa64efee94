/** A connector's settings and secrets as fields of a form, and back. Pure. */

import type { Json, JsonObject } from "../../api/types";

export type FieldKind = "text" | "secret" | "choice" | "yesno" | "number" | "list" | "json";

export interface Field {
  readonly name: string;
  readonly group: "settings" | "secrets";
  readonly kind: FieldKind;
  readonly title: string;
  readonly hint: string;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly fallback: Json | undefined;
  readonly example: string;
}

export type Values = { readonly [key: string]: string };
export type Fault = "json" | "number";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strings(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(String) : [];
}

function kindOf(schema: JsonObject): FieldKind {
  if (schema["enum"] !== undefined) return "choice";
  if (schema["type"] === "boolean") return "yesno";
  if (schema["type"] === "integer" || schema["type"] === "number") return "number";
  if (schema["type"] === "array" && isObject(schema["items"]) && schema["items"]["type"] === "string") return "list";
  return schema["type"] === "object" || schema["type"] === "array" ? "json" : "text";
}

/** Required fields come first, otherwise in the manifest's order. */
export function fieldsOf(schema: JsonObject, group: Field["group"]): readonly Field[] {
  const required = strings(schema["required"]);
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const found = Object.entries(properties).flatMap(([name, one]): readonly Field[] => {
    if (!isObject(one)) return [];
    const text = (key: string): string => (typeof one[key] === "string" ? one[key] : "");
    return [
      {
        name,
        group,
        kind: group === "secrets" ? "secret" : kindOf(one),
        title: text("title") === "" ? name : text("title"),
        hint: text("description"),
        required: required.includes(name),
        choices: strings(one["enum"]),
        fallback: one["default"],
        example: strings(one["examples"])[0] ?? "",
      },
    ];
  });
  return [...found.filter((one) => one.required), ...found.filter((one) => !one.required)];
}

export const keyOf = (field: Field): string => `/${field.group}/${field.name}`;

/** What stands in a field for a stored value; nothing for one that is not set. */
export function shown(field: Field, stored: Json | undefined): string {
  if (field.group === "secrets" || stored === undefined || stored === null) return "";
  if (field.kind === "list") return strings(stored).join(", ");
  return field.kind === "json" ? JSON.stringify(stored, null, 2) : String(stored);
}

export interface Filled {
  readonly settings: JsonObject;
  readonly secrets: { readonly [name: string]: string };
  readonly faults: { readonly [key: string]: Fault };
}

function read(field: Field, text: string): Json | undefined {
  switch (field.kind) {
    case "yesno":
      return text === "true";
    case "number":
      return /^-?\d+$/.test(text) ? Number(text) : undefined;
    case "list":
      return text.split(",").map((one) => one.trim()).filter((one) => one !== "");
    case "json":
      try {
        const value = JSON.parse(text) as Json;
        return typeof value === "object" && value !== null ? value : undefined;
      } catch {
        return undefined;
      }
    default:
      return text;
  }
}

/** The form's values as the server takes them. Empty fields are left out: the default counts, and
 * a secret stays. Text loses spaces around it, which come along when it is pasted. */
export function filled(fields: readonly Field[], values: Values): Filled {
  const settings: Record<string, Json> = {};
  const secrets: Record<string, string> = {};
  const faults: Record<string, Fault> = {};
  for (const field of fields) {
    const raw = values[keyOf(field)] ?? "";
    const text = field.kind === "secret" ? raw : raw.trim();
    if (text === "") continue;
    if (field.group === "secrets") {
      secrets[field.name] = text;
      continue;
    }
    const value = read(field, text);
    if (value === undefined) faults[keyOf(field)] = field.kind === "number" ? "number" : "json";
    else settings[field.name] = value;
  }
  return { settings, secrets, faults };
}
