/** JSON values that keep every digit, for a document that is edited and sent back. Pure.
 *
 * A number stays the text that it was written as: 68.20 and 12345678901234567890 come out of an
 * edit as they went in.
 */

import { readExact, type Exact, type Misread } from "../lib/exactJson";
import type { Json } from "../api/types";

export class Num {
  constructor(readonly text: string) {}

  get number(): number {
    return Number(this.text);
  }
}

export type Value = null | boolean | string | Num | readonly Value[] | Obj;
export interface Obj {
  readonly [key: string]: Value;
}
/** Names and places from a value down to one inside it. */
export type Path = readonly (string | number)[];

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The number that a text writes in JSON's notation; null for any other text. */
export function numberOf(text: string): Num | null {
  return NUMBER.test(text) ? new Num(text) : null;
}

export function isObj(value: Value | undefined): value is Obj {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Num);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function valueOf(exact: Exact): Value {
  switch (exact.kind) {
    case "object":
      // fromEntries defines the names as own ones, `__proto__` too.
      return Object.fromEntries(exact.entries.map(([name, one]) => [name, valueOf(one)]));
    case "array":
      return exact.items.map(valueOf);
    case "scalar":
      return numberOf(exact.text) ?? (JSON.parse(exact.text) as null | boolean | string);
  }
}

export type Read = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly misread: Misread };

export function readValue(text: string): Read {
  const reading = readExact(text);
  return reading.ok ? { ok: true, value: valueOf(reading.value) } : reading;
}

/** JSON text; `indent` spaces a level, or all on one line. */
export function printValue(value: Value, indent = 0): string {
  return print(value, indent, "");
}

function print(value: Value, indent: number, before: string): string {
  if (value instanceof Num) return value.text;
  if (!isList(value) && !isObj(value)) return JSON.stringify(value);
  const inner = before + " ".repeat(indent);
  const parts = isList(value)
    ? value.map((one) => print(one, indent, inner))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${indent > 0 ? " " : ""}${print(one, indent, inner)}`);
  const [open, close] = isList(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  if (indent === 0) return open + parts.join(",") + close;
  return `${open}\n${parts.map((one) => inner + one).join(",\n")}\n${before}${close}`;
}

/** The value with the browser's numbers, for eyes only. */
export function plain(value: Value): Json {
  if (value instanceof Num) return value.number;
  if (isList(value)) return value.map(plain);
  if (isObj(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  return value;
}

/** Equal as JSON, the order of names apart; numbers letter by letter. */
export function same(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (left instanceof Num || right instanceof Num) return left instanceof Num && right instanceof Num && left.text === right.text;
  if (isList(left) || isList(right)) {
    return isList(left) && isList(right) && left.length === right.length && left.every((one, index) => same(one, right[index]));
  }
  if (!isObj(left) || !isObj(right)) return false;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((one) => Object.hasOwn(right, one) && same(left[one], right[one]));
}

/** The object with one name set, or without it. */
export function put<T extends object>(object: T, name: string, value: Value | undefined): T {
  if (value !== undefined) return { ...object, [name]: value };
  return Object.fromEntries(Object.entries(object).filter(([one]) => one !== name)) as T;
}

export function at(value: Value | undefined, path: Path): Value | undefined {
  let found = value;
  for (const part of path) {
    if (isList(found)) found = found[Number(part)];
    else if (isObj(found)) found = Object.hasOwn(found, String(part)) ? found[String(part)] : undefined;
    else return undefined;
  }
  return found;
}

/** The value with another one at the path, made on the way where it is missing; undefined takes
 * away what stands there: a name of an object, an item of a list. */
export function withAt(value: Value | undefined, path: Path, wanted: Value | undefined): Value | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return wanted;
  if (typeof head === "number") {
    const list = isList(value) ? value : [];
    if (head > list.length) return list;
    const next = withAt(list[head], rest, wanted);
    return next === undefined ? list.filter((_, index) => index !== head) : list.toSpliced(head, 1, next);
  }
  const object = isObj(value) ? value : {};
  if (wanted === undefined && !Object.hasOwn(object, head)) return value;
  return put(object, head, withAt(object[head], rest, wanted));
}
