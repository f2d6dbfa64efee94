/** Where nodes stand and how edges run between them. Pure. */

import { Graph, layout } from "@dagrejs/dagre";

import type { FlowDocument, FlowEdge, Point } from "../api/types";

export const NODE_WIDTH = 232;
export const NODE_HEIGHT = 72;
export const PITCH_DOWN = 112;
export const PITCH_ACROSS = 312;

export type Positions = ReadonlyMap<string, Point>;

/** The document's own layout when it places every node, else a layered one, top to bottom. */
export function positions(document: FlowDocument): Positions {
  const drawn = document.layout?.nodes ?? {};
  if (document.nodes.every((one) => drawn[one.id] !== undefined)) {
    return new Map(document.nodes.map((one) => [one.id, drawn[one.id] ?? { x: 0, y: 0 }]));
  }
  const graph = new Graph();
  graph.setGraph({
    rankdir: "TB",
    ranksep: PITCH_DOWN - NODE_HEIGHT,
    nodesep: PITCH_ACROSS - NODE_WIDTH,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of document.nodes) graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const edge of document.edges) {
    if (graph.hasNode(edge.from) && graph.hasNode(edge.to)) graph.setEdge(edge.from, edge.to);
  }
  layout(graph);
  // The first node stands at 0, as in drawn flows: edges leave towards their side of it.
  const { x: middle = 0 } = graph.node(document.nodes[0]?.id ?? "") as { x?: number };
  return new Map(
    document.nodes.map((one) => {
      const { x = 0, y = 0 } = graph.node(one.id) as { x?: number; y?: number };
      return [one.id, { x: Math.round(x - middle), y: Math.round(y - NODE_HEIGHT / 2) }];
    }),
  );
}

export type Side = "top" | "bottom" | "left" | "right";

export interface Ends {
  readonly from: Side;
  readonly to: Side;
}

function crosses(at: Point, fromY: number, toY: number, x: number): boolean {
  return at.x < x && at.x + NODE_WIDTH > x && at.y > fromY && at.y + NODE_HEIGHT < toY;
}

/** The sides on which an edge leaves and arrives: straight down where the way is free, else
 * out of the side and around. */
export function ends(edge: FlowEdge, at: Positions): Ends {
  const source = at.get(edge.from) ?? { x: 0, y: 0 };
  const target = at.get(edge.to) ?? { x: 0, y: 0 };
  const across = target.x - source.x;
  const down = target.y - source.y;
  if (edge.port === "error") return { from: "right", to: across > NODE_WIDTH / 2 && down < NODE_HEIGHT ? "left" : "top" };
  if (Math.abs(across) < NODE_WIDTH / 2) {
    const x = source.x + NODE_WIDTH / 2;
    const blocked = [...at].some(
      ([id, one]) => id !== edge.from && id !== edge.to && crosses(one, source.y, target.y + NODE_HEIGHT, x),
    );
    return blocked ? { from: "left", to: "left" } : { from: "bottom", to: "top" };
  }
  const side: Side = across > 0 ? "right" : "left";
  const opposite: Side = across > 0 ? "left" : "right";
  if (Math.abs(down) < NODE_HEIGHT) return { from: side, to: opposite };
  // To a node at the side: out of the side and into its top; back from it: down and into the side.
  return source.x === 0 || Math.abs(source.x) < Math.abs(target.x)
    ? { from: side, to: "top" }
    : { from: "bottom", to: opposite };
}

export type Direction = "up" | "down" | "left" | "right";

/** The nearest node in a direction: how far along counts once, how far aside twice. */
export function neighbour(at: Positions, from: string, direction: Direction): string | null {
  const start = at.get(from);
  if (start === undefined) return null;
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [id, one] of at) {
    const across = one.x - start.x;
    const down = one.y - start.y;
    const upright = direction === "up" || direction === "down";
    const along = direction === "up" ? -down : direction === "down" ? down : direction === "left" ? -across : across;
    if (id === from || along <= 0) continue;
    const cost = along + 2 * Math.abs(upright ? across : down);
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}

/** Edges of the same two nodes drawn as one, with all their ports. */
export function bundles(edges: readonly FlowEdge[]): readonly (readonly [FlowEdge, ...FlowEdge[]])[] {
  const found = new Map<string, [FlowEdge, ...FlowEdge[]]>();
  for (const edge of edges) {
    const key = `${edge.from}>${edge.to}${edge.port === "error" ? "!" : ""}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, [edge]);
    else known.push(edge);
  }
  return [...found.values()];
}

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const MARGIN = 40;
const READABLE = 0.72;
const COMFORTABLE = 0.9;

/** The view of a `width` by `height` canvas: everything where it stays readable, else the part
 * around `focus` without needless empty space above or below. */
export function viewFor(at: readonly Point[], focus: Point | undefined, width: number, height: number): View {
  const left = Math.min(...at.map((one) => one.x));
  const top = Math.min(...at.map((one) => one.y));
  const right = Math.max(...at.map((one) => one.x)) + NODE_WIDTH;
  const bottom = Math.max(...at.map((one) => one.y)) + NODE_HEIGHT;
  if (at.length === 0 || width === 0 || height === 0) return { x: 0, y: 0, zoom: 1 };
  const whole = Math.min((width - 2 * MARGIN) / (right - left), (height - 2 * MARGIN) / (bottom - top), 1);
  if (whole >= READABLE) {
    return { x: Math.round((width - (left + right) * whole) / 2), y: Math.round((height - (top + bottom) * whole) / 2), zoom: whole };
  }
  const zoom = COMFORTABLE;
  const place = (from: number, to: number, middle: number, room: number): number => {
    if ((to - from) * zoom <= room - 2 * MARGIN) return (room - (from + to) * zoom) / 2;
    // Not further than the ends: empty canvas tells nothing.
    return Math.min(MARGIN - from * zoom, Math.max(room - MARGIN - to * zoom, room / 2 - middle * zoom));
  };
  const centre = focus ?? { x: left, y: top };
  return {
    x: Math.round(place(left, right, centre.x + NODE_WIDTH / 2, width)),
    y: Math.round(place(top, bottom, centre.y + NODE_HEIGHT / 2, height)),
    zoom,
  };
}
