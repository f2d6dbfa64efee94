/** Where a new node comes to stand so that it covers nothing. Pure. */

import { NODE_HEIGHT, NODE_WIDTH, PITCH_ACROSS, PITCH_DOWN, type Positions } from "../canvas/geometry";
import type { Join } from "./commands";
import type { Doc, Spot } from "./model";

export interface Placing {
  readonly spot: Spot;
  /** Nodes that make room. */
  readonly moves: { readonly [node: string]: Spot };
}

function free(at: Positions, spot: Spot): boolean {
  return [...at.values()].every((one) => Math.abs(one.x - spot.x) >= NODE_WIDTH + 16 || Math.abs(one.y - spot.y) >= NODE_HEIGHT + 16);
}

function firstFree(at: Positions, wish: Spot): Spot {
  for (let step = 0; step < 200; step += 1) {
    const spot = { x: wish.x + step * PITCH_ACROSS, y: wish.y };
    if (free(at, spot)) return spot;
  }
  return wish;
}

/** Everything that the edges lead to from a node, the node included. */
export function downstream(doc: Doc, from: string): ReadonlySet<string> {
  const found = new Set([from]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const one of doc.edges) {
      if (one.from !== id || found.has(one.to)) continue;
      found.add(one.to);
      open.push(one.to);
    }
  }
  return found;
}

export function placing(doc: Doc, at: Positions, join: Join, wish: Spot | null): Placing {
  if (join.kind === "loose" || wish !== null) return { spot: firstFree(at, wish ?? { x: 0, y: 0 }), moves: {} };
  const from = at.get(join.kind === "after" ? join.from : join.edge.from) ?? { x: 0, y: 0 };
  if (join.kind === "after") return { spot: firstFree(at, { x: from.x, y: from.y + PITCH_DOWN }), moves: {} };
  const to = at.get(join.edge.to) ?? from;
  const sideways = Math.abs(to.x - from.x) >= NODE_WIDTH && Math.abs(to.y - from.y) < NODE_HEIGHT;
  if (sideways || to.y < from.y) return { spot: firstFree(at, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + PITCH_DOWN }), moves: {} };
  // In place of the node below, which goes down with all that follows it.
  const room = to.y - from.y >= 2 * PITCH_DOWN;
  const spot = { x: to.x, y: room ? to.y - PITCH_DOWN : to.y };
  if (room && free(at, spot)) return { spot, moves: {} };
  const behind = downstream(doc, join.edge.to);
  const moves = [...at].filter(([id, one]) => behind.has(id) && id !== join.edge.from && one.y >= to.y);
  return { spot, moves: Object.fromEntries(moves.map(([id, one]) => [id, { x: one.x, y: one.y + PITCH_DOWN }])) };
}
