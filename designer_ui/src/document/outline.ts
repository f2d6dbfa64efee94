/** A flow as an indented list: what follows stays in line, what branches is indented. Pure. */

import type { Doc, DocEdge } from "./model";

export interface Row {
  readonly node: string;
  /** From 1. */
  readonly level: number;
  /** The port through which one comes here; null for a beginning. */
  readonly port: string | null;
  /** The node stands further up already: ways that meet again. */
  readonly again: boolean;
}

export function outline(doc: Doc): readonly Row[] {
  const rows: Row[] = [];
  const seen = new Set<string>();
  const after = (id: string): readonly DocEdge[] => doc.edges.filter((one) => one.from === id);
  const reached = new Set(doc.edges.map((one) => one.to));
  // A stack, not recursion: five hundred nodes in a row are no depth.
  const walk = (start: string) => {
    const open: Row[] = [{ node: start, level: 1, port: null, again: false }];
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      const again = seen.has(row.node);
      rows.push({ ...row, again });
      if (again) continue;
      seen.add(row.node);
      const ways = after(row.node);
      const level = ways.length > 1 ? row.level + 1 : row.level;
      for (const one of [...ways].reverse()) open.push({ node: one.to, level, port: one.port, again: false });
    }
  };
  for (const one of doc.nodes) if (!reached.has(one.id)) walk(one.id);
  // What only a loop leads to.
  for (const one of doc.nodes) if (!seen.has(one.id)) walk(one.id);
  return rows;
}
