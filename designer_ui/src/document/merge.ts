/** Two edits of one document brought together, node by node. Pure.
 *
 * Where only one side changed something, that counts. Where both changed the same thing in
 * different ways, the merge keeps mine and tells: the reader settles it.
 */

import { freshId, recalled } from "./ids";
import { docOf, sameEdge, valueOfDoc, type Doc, type DocEdge, type DocNode } from "./model";
import { isList, isObj, put, same, withAt, type Obj, type Path, type Value } from "./value";

export interface Conflict {
  /** The node that it is about; "" for the flow itself. */
  readonly node: string;
  /** Within the node, or within the document; the empty path is the node as a whole. */
  readonly path: Path;
  readonly base: Value | undefined;
  readonly mine: Value | undefined;
  readonly theirs: Value | undefined;
}

export interface Merged {
  readonly doc: Doc;
  readonly conflicts: readonly Conflict[];
}

type Report = (path: Path, base: Value | undefined, mine: Value | undefined, theirs: Value | undefined) => void;

export function merge(base: Doc, mine: Doc, saved: Doc): Merged {
  const theirs = apart(base, mine, saved);
  const conflicts: Conflict[] = [];
  const rest = ({ nodes: _nodes, edges: _edges, layout: _layout, ...other }: Doc): Obj => other as unknown as Obj;
  const told = (node: string): Report => (path, b, m, t) => conflicts.push({ node, path, base: b, mine: m, theirs: t });
  const top = mergedValue(rest(base), rest(mine), rest(theirs), [], told("")) as Obj;
  const nodes = mergedNodes(base, mine, theirs, told);
  const ids = new Set(nodes.map((one) => one.id));
  const edges = mergedEdges(base, mine, theirs).filter((one) => ids.has(one.from) && ids.has(one.to));
  // A place on the canvas is worth no question: mine, and theirs where I did not move it.
  const layout = mergedValue(value(base.layout), value(mine.layout), value(theirs.layout), [], () => undefined);
  const doc = { ...top, nodes, edges, ...(layout === undefined ? {} : { layout }) } as unknown as Doc;
  return { doc: trimmed(doc, ids), conflicts };
}

/** The conflict decided for one side. */
export function settle(doc: Doc, conflict: Conflict, side: "mine" | "theirs"): Doc {
  const wanted = conflict[side];
  if (conflict.node === "") return docOf(withAt(valueOfDoc(doc), conflict.path, wanted) ?? {}) ?? doc;
  if (conflict.path.length > 0) {
    return {
      ...doc,
      nodes: doc.nodes.map((one) => (one.id === conflict.node ? (withAt(one as unknown as Obj, conflict.path, wanted) as unknown as DocNode) : one)),
    };
  }
  const others = doc.nodes.filter((one) => one.id !== conflict.node);
  if (wanted === undefined) return trimmed({ ...doc, nodes: others }, new Set(others.map((one) => one.id)));
  const known = others.length < doc.nodes.length;
  const node = wanted as unknown as DocNode;
  return { ...doc, nodes: known ? doc.nodes.map((one) => (one.id === node.id ? node : one)) : [...doc.nodes, node] };
}

/** Theirs, with new nodes of theirs under other ids where mine are new too and something else:
 * two people who add "Filter" and "Branch" as `check` meant two nodes. */
function apart(base: Doc, mine: Doc, theirs: Doc): Doc {
  const used = new Set([...base.nodes, ...mine.nodes, ...theirs.nodes].map((one) => one.id));
  const renames = new Map<string, string>();
  for (const one of theirs.nodes) {
    const twin = mine.nodes.find((other) => other.id === one.id);
    if (twin === undefined || twin.type === one.type || base.nodes.some((other) => other.id === one.id)) continue;
    const id = freshId(one.id, used);
    used.add(id);
    renames.set(one.id, id);
  }
  if (renames.size === 0) return theirs;
  const named = (id: string): string => renames.get(id) ?? id;
  const spots = Object.entries(theirs.layout?.nodes ?? {}).map(([id, spot]) => [named(id), spot] as const);
  return {
    ...theirs,
    nodes: theirs.nodes.map((one) => ({ ...one, id: named(one.id), ...(one.params === undefined ? {} : { params: recalled(one.params, renames) }) })),
    edges: theirs.edges.map((one) => ({ from: named(one.from), port: one.port, to: named(one.to) })),
    ...(theirs.layout === undefined ? {} : { layout: { ...theirs.layout, nodes: Object.fromEntries(spots) } }),
  };
}

function value(of: object | undefined): Value | undefined {
  return of as unknown as Value | undefined;
}

function trimmed(doc: Doc, ids: ReadonlySet<string>): Doc {
  const spots = doc.layout?.nodes;
  const kept = spots === undefined ? undefined : Object.fromEntries(Object.entries(spots).filter(([id]) => ids.has(id)));
  const edges = doc.edges.filter((one) => ids.has(one.from) && ids.has(one.to));
  return { ...doc, edges, ...(kept === undefined ? {} : { layout: put(doc.layout ?? {}, "nodes", kept) }) };
}

function mergedNodes(base: Doc, mine: Doc, theirs: Doc, told: (node: string) => Report): readonly DocNode[] {
  const find = (doc: Doc, id: string): Obj | undefined => value(doc.nodes.find((one) => one.id === id)) as Obj | undefined;
  const both = (id: string): readonly DocNode[] => {
    const [b, m, t] = [find(base, id), find(mine, id), find(theirs, id)];
    const report = told(id);
    if (m !== undefined && t !== undefined) return [mergedValue(b, m, t, [], report) as unknown as DocNode];
    const left = m ?? t;
    if (left === undefined || (b !== undefined && same(b, left))) return [];
    // One side changed what the other deleted: it stays, and somebody is asked.
    if (b !== undefined) report([], b, m, t);
    return [left as unknown as DocNode];
  };
  const order = mine.nodes.map((one) => one.id);
  for (const [index, one] of theirs.nodes.entries()) {
    if (order.includes(one.id)) continue;
    const before = theirs.nodes[index - 1]?.id;
    const place = before === undefined ? 0 : order.indexOf(before) + 1;
    order.splice(place === 0 && before !== undefined ? order.length : place, 0, one.id);
  }
  return order.flatMap(both);
}

function mergedEdges(base: Doc, mine: Doc, theirs: Doc): readonly DocEdge[] {
  const has = (doc: Doc, edge: DocEdge): boolean => doc.edges.some((one) => sameEdge(one, edge));
  const kept = mine.edges.filter((one) => has(theirs, one) || !has(base, one));
  return [...kept, ...theirs.edges.filter((one) => !has(mine, one) && !has(base, one))];
}

/** Lists whose items bear a name of their own, such as the fields of a mapping, by that name. */
function keyed(list: readonly Value[]): Obj | null {
  for (const name of ["id", "target", "port", "name"]) {
    const keys = list.map((one) => (isObj(one) && typeof one[name] === "string" ? one[name] : null));
    if (keys.every((one) => one !== null) && new Set(keys).size === keys.length) {
      return Object.fromEntries(keys.map((one, index) => [one ?? "", list[index] ?? null]));
    }
  }
  return null;
}

function mergedValue(base: Value | undefined, mine: Value | undefined, theirs: Value | undefined, path: Path, report: Report): Value | undefined {
  if (same(mine, theirs) || same(base, theirs)) return mine;
  if (same(base, mine)) return theirs;
  if (isObj(mine) && isObj(theirs) && (base === undefined || isObj(base))) {
    const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
    let found: Obj = {};
    for (const name of names) found = put(found, name, mergedValue(own(base, name), own(mine, name), own(theirs, name), [...path, name], report));
    return found;
  }
  if (isList(base) && isList(mine) && isList(theirs)) {
    const [b, m, t] = [keyed(base), keyed(mine), keyed(theirs)];
    if (b !== null && m !== null && t !== null) {
      const clashes: unknown[] = [];
      const merged = mergedValue(b, m, t, path, (...one) => clashes.push(one)) as Obj;
      // Places in a list move when items come and go: a clash inside is asked for the whole list.
      if (clashes.length === 0) return Object.values(merged);
    }
  }
  report(path, base, mine, theirs);
  return mine;
}

function own(object: Obj | undefined, name: string): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}
