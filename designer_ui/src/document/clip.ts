/** Nodes as text: copied here, pasted there, in this flow or in one of another installation. Pure. */

import { freshId, recalled } from "./ids";
import { docOf, spotOf, spotValue, valueOfDoc, type Doc, type DocEdge, type DocNode, type Slot, type Spot } from "./model";
import { isList, isObj, printValue, readValue, type Obj, type Value } from "./value";

const KIND = "causeway/nodes";

export interface Clip {
  readonly nodes: readonly DocNode[];
  readonly edges: readonly DocEdge[];
  readonly connections: { readonly [slot: string]: Slot };
  readonly spots: { readonly [node: string]: Spot };
}

export type Pasted = { readonly kind: "nodes"; readonly clip: Clip } | { readonly kind: "flow"; readonly doc: Doc };

/** The nodes with the edges among them, the slots they use and their places. */
export function clipOf(doc: Doc, ids: readonly string[]): Clip {
  const nodes = doc.nodes.filter((one) => ids.includes(one.id));
  const slots = new Set(nodes.map((one) => one.connection));
  return {
    nodes,
    edges: doc.edges.filter((one) => ids.includes(one.from) && ids.includes(one.to)),
    connections: Object.fromEntries(Object.entries(doc.connections ?? {}).filter(([slot]) => slots.has(slot))),
    spots: Object.fromEntries(
      nodes.flatMap((one): readonly (readonly [string, Spot])[] => {
        const spot = spotOf(doc.layout?.nodes?.[one.id]);
        return spot === null ? [] : [[one.id, spot]];
      }),
    ),
  };
}

export function clipText(clip: Clip): string {
  const spots = Object.fromEntries(Object.entries(clip.spots).map(([id, spot]) => [id, spotValue(spot)]));
  return printValue({ kind: KIND, ...(clip as unknown as Obj), spots }, 2);
}

/** What a pasted text holds; null when it is nothing of ours. */
export function pastedOf(text: string): Pasted | null {
  const read = readValue(text);
  if (!read.ok || !isObj(read.value)) return null;
  const found = read.value;
  if (found["kind"] !== KIND) {
    const doc = found["format"] === undefined ? null : docOf(found);
    return doc === null ? null : { kind: "flow", doc };
  }
  const { nodes, edges, connections } = found;
  if (!isList(nodes) || nodes.length === 0) return null;
  const doc = docOf({ slug: "", name: "", nodes, edges: isList(edges) ? edges : [], connections: isObj(connections) ? connections : {} });
  if (doc === null) return null;
  const spots = Object.entries(isObj(found["spots"]) ? found["spots"] : {}).flatMap(([id, value]): readonly (readonly [string, Spot])[] => {
    const spot = spotOf(value);
    return spot === null ? [] : [[id, spot]];
  });
  return { kind: "nodes", clip: { nodes: doc.nodes, edges: doc.edges, connections: doc.connections ?? {}, spots: Object.fromEntries(spots) } };
}

/** A slot of the same connector: the one of the same name, else the only one, else a new one. */
function slotFor(doc: Doc, name: string, slot: Slot): string {
  const slots = doc.connections ?? {};
  const fitting = Object.keys(slots).filter((one) => slots[one]?.connector === slot.connector);
  if (fitting.includes(name)) return name;
  return fitting.length === 1 && fitting[0] !== undefined ? fitting[0] : freshId(name, new Set(Object.keys(slots)));
}

/** The document with the nodes added under ids of their own, and those ids. Expressions among
 * the pasted nodes follow them; those that call nodes left behind stay as they are. */
export function withClip(doc: Doc, clip: Clip, shift: Spot): { readonly doc: Doc; readonly ids: readonly string[] } {
  const used = new Set(doc.nodes.map((one) => one.id));
  const renames = new Map<string, string>();
  for (const one of clip.nodes) {
    const id = freshId(one.id, used);
    used.add(id);
    renames.set(one.id, id);
  }
  const moved = new Map([...renames].filter(([from, to]) => from !== to));
  let connections = doc.connections ?? {};
  const slots = new Map<string, string>();
  for (const [name, slot] of Object.entries(clip.connections)) {
    const found = slotFor({ ...doc, connections }, name, slot);
    slots.set(name, found);
    if (connections[found] === undefined) connections = { ...connections, [found]: slot };
  }
  const nodes = clip.nodes.map((one): DocNode => {
    const slot = one.connection === undefined ? undefined : (slots.get(one.connection) ?? one.connection);
    return {
      ...one,
      id: renames.get(one.id) ?? one.id,
      ...(slot === undefined ? {} : { connection: slot }),
      ...(one.params === undefined ? {} : { params: recalled(one.params, moved) }),
    };
  });
  const edges = clip.edges.map((one) => ({ from: renames.get(one.from) ?? "", port: one.port, to: renames.get(one.to) ?? "" }));
  const spots = Object.entries(clip.spots).map(([id, spot]): readonly [string, Value] => [
    renames.get(id) ?? id,
    spotValue({ x: spot.x + shift.x, y: spot.y + shift.y }),
  ]);
  const next: Doc = {
    ...doc,
    nodes: [...doc.nodes, ...nodes],
    edges: [...doc.edges, ...edges.filter((one) => one.from !== "" && one.to !== "")],
    ...(connections === doc.connections || Object.keys(connections).length === 0 ? {} : { connections }),
    ...(spots.length === 0
      ? {}
      : { layout: { ...doc.layout, nodes: { ...doc.layout?.nodes, ...(Object.fromEntries(spots) as { readonly [id: string]: Obj }) } } }),
  };
  return { doc: next, ids: [...renames.values()] };
}

export function flowText(doc: Doc): string {
  return printValue(valueOfDoc(doc), 2);
}

/** Another flow's content under this one's name. */
export function withContent(doc: Doc, other: Doc): Doc {
  return { ...other, slug: doc.slug };
}

