/** JSON as the lines of a tree that can be folded. Pure. */

import type { Json, JsonObject } from "../api/types";

export interface Line {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly value: Json;
  /** Number of children; 0 for a plain value and for an empty container. */
  readonly children: number;
  readonly isList: boolean;
  readonly closed: boolean;
}

/** What the server puts in the place of data that the reader may not see. */
export function isMasked(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && (value as JsonObject)["masked"] === true;
}

function entriesOf(value: Json): readonly (readonly [string, Json])[] {
  if (typeof value !== "object" || value === null || isMasked(value)) return [];
  if (Array.isArray(value)) return (value as readonly Json[]).map((one, index) => [String(index), one] as const);
  return Object.entries(value as JsonObject);
}

export function treeLines(value: Json, closed: ReadonlySet<string>, path = "$", depth = 0): readonly Line[] {
  const entries = entriesOf(value);
  if (depth === 0 && entries.length === 0) {
    return [{ path, name: "", depth, value, children: 0, isList: false, closed: false }];
  }
  return entries.flatMap(([name, one]) => {
    const here = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const children = entriesOf(one).length;
    const line: Line = {
      path: here,
      name,
      depth,
      value: one,
      children,
      isList: Array.isArray(one),
      closed: closed.has(here),
    };
    return children === 0 || line.closed ? [line] : [line, ...treeLines(one, closed, here, depth + 1)];
  });
}
