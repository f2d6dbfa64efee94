/** What an edit changed, counted and named. Pure. */

import { sameEdge, type Doc } from "../../../document/model";
import { same, type Obj } from "../../../document/value";

export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Wires that came or went. */
  readonly wires: number;
  /** Name, description, connections, settings, samples or tests. */
  readonly flow: boolean;
  readonly layout: boolean;
}

const name = (one: { readonly id: string; readonly name?: string }): string => (one.name === undefined || one.name === "" ? one.id : one.name);

export function changesOf(before: Doc, after: Doc): Changes {
  const old = new Map(before.nodes.map((one) => [one.id, one]));
  const now = new Set(after.nodes.map((one) => one.id));
  const apart = (left: Doc, right: Doc): number => left.edges.filter((one) => !right.edges.some((other) => sameEdge(one, other))).length;
  const rest = ({ nodes: _nodes, edges: _edges, layout: _layout, ...other }: Doc): Obj => other as unknown as Obj;
  return {
    added: after.nodes.filter((one) => !old.has(one.id)).map(name),
    removed: before.nodes.filter((one) => !now.has(one.id)).map(name),
    changed: after.nodes.filter((one) => old.has(one.id) && !same(one as unknown as Obj, old.get(one.id) as unknown as Obj)).map(name),
    wires: apart(before, after) + apart(after, before),
    flow: !same(rest(before), rest(after)),
    layout: !same(before.layout as unknown as Obj, after.layout as unknown as Obj),
  };
}

export function countOf({ added, removed, changed, wires, flow, layout }: Changes): number {
  return added.length + removed.length + changed.length + wires + (flow ? 1 : 0) + (layout ? 1 : 0);
}
