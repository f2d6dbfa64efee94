/** The flow document as the designer holds it. Pure. */

import type { FlowDocument } from "../api/types";
import { isList, isObj, Num, plain, type Obj, type Value } from "./value";

export interface DocNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly note?: string;
  readonly connection?: string;
  readonly params?: Obj;
  readonly policy?: Obj;
}

export interface DocEdge {
  readonly from: string;
  readonly port: string;
  readonly to: string;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Slot {
  readonly connector: string;
  readonly label?: string;
}

/** What else a document holds (format, samples, tests, names that a newer format may bring) is
 * carried along as it is. */
export interface Doc {
  readonly slug: string;
  readonly name: string;
  readonly description?: string;
  readonly connections?: { readonly [slot: string]: Slot };
  readonly settings?: Obj;
  readonly nodes: readonly DocNode[];
  readonly edges: readonly DocEdge[];
  readonly samples?: Obj;
  readonly layout?: Layout;
}

export interface Layout {
  readonly nodes?: { readonly [node: string]: Obj };
  readonly notes?: readonly Obj[];
}

/** The document as a plain value. Its interfaces are narrower spellings of the same thing. */
export function valueOfDoc(doc: Doc): Obj {
  return doc as unknown as Obj;
}

function isNode(value: Value): boolean {
  if (!isObj(value) || typeof value["id"] !== "string" || typeof value["type"] !== "string") return false;
  const texts = ["name", "note", "connection"].every((one) => value[one] === undefined || typeof value[one] === "string");
  return texts && ["params", "policy"].every((one) => value[one] === undefined || isObj(value[one]));
}

function isEdge(value: Value): boolean {
  return isObj(value) && ["from", "port", "to"].every((one) => typeof value[one] === "string");
}

/** The value as a document that the designer can hold; null when its bones are missing. Whether
 * it is a good flow is for the server's validator to say. */
export function docOf(value: Value): Doc | null {
  if (!isObj(value) || typeof value["slug"] !== "string" || typeof value["name"] !== "string") return null;
  const { nodes, edges, connections, settings, samples, layout } = value;
  if (!isList(nodes) || !nodes.every(isNode) || !isList(edges) || !edges.every(isEdge)) return null;
  const ids = (nodes as unknown as readonly DocNode[]).map((one) => one.id);
  if (new Set(ids).size !== ids.length) return null;
  if (![connections, settings, samples, layout].every((one) => one === undefined || isObj(one))) return null;
  if (isObj(connections) && !Object.values(connections).every((one) => isObj(one) && typeof one["connector"] === "string")) return null;
  if (isObj(layout)) {
    if (layout["nodes"] !== undefined && !isObj(layout["nodes"])) return null;
    if (layout["notes"] !== undefined && !isList(layout["notes"])) return null;
  }
  return value as unknown as Doc;
}

/** The document for pages that only show one. */
export function shownDoc(doc: Doc): FlowDocument {
  const shown = plain(valueOfDoc(doc)) as unknown as FlowDocument;
  return {
    ...shown,
    connections: shown.connections ?? {},
    nodes: shown.nodes.map((one) => ({ ...one, name: one.name === undefined || one.name === "" ? one.id : one.name })),
  };
}

export function spotOf(value: Value | undefined): Spot | null {
  if (!isObj(value)) return null;
  const { x, y } = value;
  return x instanceof Num && y instanceof Num ? { x: x.number, y: y.number } : null;
}

export function spotValue({ x, y }: Spot): Obj {
  return { x: new Num(String(Math.round(x))), y: new Num(String(Math.round(y))) };
}

export function nodeOf(doc: Doc, id: string): DocNode | undefined {
  return doc.nodes.find((one) => one.id === id);
}

export function sameEdge(left: DocEdge, right: DocEdge): boolean {
  return left.from === right.from && left.port === right.port && left.to === right.to;
}
