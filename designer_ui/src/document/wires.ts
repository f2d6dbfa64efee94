/** Edges of a document: connect, disconnect, and what becomes of them when nodes go. Pure. */

import { nodeOf, sameEdge, type Doc, type DocEdge } from "./model";
import { put, type Obj } from "./value";

export const ERROR_PORT = "error";

export function connected(doc: Doc, edge: DocEdge): Doc {
  const known = nodeOf(doc, edge.from) !== undefined && nodeOf(doc, edge.to) !== undefined;
  if (!known || edge.from === edge.to || doc.edges.some((one) => sameEdge(one, edge))) return doc;
  return { ...doc, edges: [...doc.edges, { from: edge.from, port: edge.port, to: edge.to }] };
}

export function disconnected(doc: Doc, edges: readonly DocEdge[]): Doc {
  const left = doc.edges.filter((one) => !edges.some((gone) => sameEdge(one, gone)));
  return left.length === doc.edges.length ? doc : { ...doc, edges: left };
}

/** The edge now leads through the node: to it, and from its port to where it led. A node that
 * has no port ends there. */
export function spliced(doc: Doc, edge: DocEdge, node: string, port: string | null): Doc {
  if (node === edge.from || node === edge.to || nodeOf(doc, node) === undefined) return doc;
  const place = doc.edges.findIndex((one) => sameEdge(one, edge));
  if (place < 0) return doc;
  const through: readonly DocEdge[] = [
    { from: edge.from, port: edge.port, to: node },
    ...(port === null ? [] : [{ from: node, port, to: edge.to }]),
  ];
  return { ...doc, edges: unique(doc.edges.toSpliced(place, 1, ...through)) };
}

function unique(edges: readonly DocEdge[]): readonly DocEdge[] {
  return edges.filter((one, index) => edges.findIndex((other) => sameEdge(one, other)) === index);
}

/** Where the flow went on behind the node when all was well: through `out` or, without one, its
 * first other port. */
function onwards(edges: readonly DocEdge[], id: string): readonly string[] {
  const after = edges.filter((one) => one.from === id && one.port !== ERROR_PORT);
  const port = after.some((one) => one.port === "out") ? "out" : after[0]?.port;
  return after.filter((one) => one.port === port).map((one) => one.to);
}

/** Without the node; what led to it leads to where it went on. */
function bypassed(edges: readonly DocEdge[], id: string): readonly DocEdge[] {
  const targets = onwards(edges, id);
  const found = edges.flatMap((one): readonly DocEdge[] => {
    if (one.from === id) return [];
    if (one.to !== id) return [one];
    return targets.filter((to) => to !== one.from && to !== id).map((to) => ({ from: one.from, port: one.port, to }));
  });
  return unique(found);
}

function without(object: Obj | undefined, gone: ReadonlySet<string>): Obj | undefined {
  if (object === undefined || !Object.keys(object).some((one) => gone.has(one))) return object;
  return Object.fromEntries(Object.entries(object).filter(([one]) => !gone.has(one)));
}

export function deleted(doc: Doc, ids: readonly string[]): Doc {
  const gone = new Set(ids.filter((one) => nodeOf(doc, one) !== undefined));
  if (gone.size === 0) return doc;
  let edges = doc.edges;
  for (const id of gone) edges = bypassed(edges, id);
  let next: Doc = { ...doc, nodes: doc.nodes.filter((one) => !gone.has(one.id)), edges };
  const spots = without(doc.layout?.nodes as Obj | undefined, gone);
  if (spots !== doc.layout?.nodes) next = { ...next, layout: put(doc.layout ?? {}, "nodes", spots) };
  const samples = without(doc.samples, gone);
  return samples === doc.samples ? next : put(next, "samples", samples);
}
