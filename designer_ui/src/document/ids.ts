/** Ids of nodes, and the expressions that call nodes by them. Pure. */

import { isList, isObj, type Obj, type Value } from "./value";

/** Names that mean something else in expressions; the schema of flows refuses them as ids. */
const TAKEN = ["trigger", "item", "index", "run", "env"];
const LONGEST = 48;

/** "Set order state" → set_order_state, with a number where that is taken. */
export function freshId(wish: string, used: ReadonlySet<string>): string {
  const bare = wish
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[^a-z]+|_+$/g, "")
    .slice(0, LONGEST);
  const base = bare === "" ? "node" : bare;
  if (!used.has(base) && !TAKEN.includes(base)) return base;
  const stem = base.replace(/_\d+$/, "");
  for (let number = 2; ; number += 1) {
    const tail = `_${number}`;
    const id = stem.slice(0, LONGEST - tail.length) + tail;
    if (!used.has(id)) return id;
  }
}

type Renames = ReadonlyMap<string, string>;

// A text in quotes, or a name that is not an attribute of another one.
const NAME = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<![\w.])[A-Za-z_]\w*/g;

function inExpression(text: string, renames: Renames): string {
  return text.replaceAll(NAME, (one) => renames.get(one) ?? one);
}

function inText(text: string, renames: Renames): string {
  return text.replaceAll(/\{\{.*?\}\}|\{%.*?%\}/gs, (one) => inExpression(one, renames));
}

/** The params with nodes called by their new ids: in expressions, and in the bare paths that a
 * mapping keeps under `source` and `expression`. */
export function recalled(params: Obj, renames: Renames): Obj {
  const walk = (value: Value, name: string): Value => {
    if (typeof value === "string") {
      return (name === "source" || name === "expression") && !value.includes("{{") ? inExpression(value, renames) : inText(value, renames);
    }
    if (isList(value)) return value.map((one) => walk(one, name));
    if (isObj(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, key)]));
    return value;
  };
  return renames.size === 0 ? params : (walk(params, "") as Obj);
}
