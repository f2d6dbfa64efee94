/** Values of fields as people read, choose and type them. */

import type { Json } from "../api/types";
import { isMasked } from "../ui/tree";

export function isEmpty(value: Json): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Whether two values say the same, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

/** How a value is typed: by what both sides and the base hold. */
export type Typing = "text" | "number" | "boolean" | "lines" | "json";

export function typingOf(values: readonly Json[]): Typing {
  const known = values.filter((one) => one !== null && !isMasked(one));
  const all = (fits: (one: Json) => boolean): boolean => known.length > 0 && known.every(fits);
  if (all((one) => typeof one === "boolean")) return "boolean";
  if (all((one) => typeof one === "number")) return "number";
  if (all((one) => Array.isArray(one) && one.every((inner: Json) => typeof inner === "string"))) return "lines";
  if (known.some((one) => typeof one === "object")) return "json";
  return "text";
}

/** What somebody typed as a value; undefined when it is none of that kind. Nothing typed is null. */
export function typed(text: string, typing: Typing): Json | undefined {
  if (typing === "text") return text;
  if (typing === "lines") return text.split("\n").map((one) => one.trim()).filter((one) => one !== "");
  if (text.trim() === "") return null;
  if (typing === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  if (typing === "number") return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A value as the text that types it. */
export function untyped(value: Json, typing: Typing): string {
  if (value === null || isMasked(value)) return "";
  if (typing === "lines" && Array.isArray(value)) return value.join("\n");
  return typeof value === "string" && typing !== "json" ? value : JSON.stringify(value);
}
