/** Every edit of a flow as a command, and the one function that carries them out. Pure.
 *
 * A command that means nothing here (a node that is gone, a wire that is there) gives the same
 * document back, which the history takes as "nothing happened".
 */

import { clipOf, withClip, withContent, type Clip } from "./clip";
import { freshId } from "./ids";
import { nodeOf, spotValue, type Doc, type DocEdge, type DocNode, type Slot, type Spot } from "./model";
import { isObj, put, same, withAt, type Obj, type Path, type Value } from "./value";
import { connected, deleted, disconnected, spliced } from "./wires";

/** Where a new node comes to stand among the others. */
export type Join =
  | { readonly kind: "loose" }
  | { readonly kind: "after"; readonly from: string; readonly port: string }
  | { readonly kind: "splice"; readonly edge: DocEdge; readonly port: string | null };

export interface NewNode {
  readonly type: string;
  readonly name: string;
  readonly params?: Obj;
  /** The connector that the node needs a slot of. */
  readonly connector?: string;
}

export type Command =
  | { readonly kind: "add"; readonly node: NewNode; readonly join: Join; readonly spot: Spot | null; readonly moves?: { readonly [node: string]: Spot } }
  | { readonly kind: "splice"; readonly edge: DocEdge; readonly node: string; readonly port: string | null }
  | { readonly kind: "delete"; readonly nodes: readonly string[] }
  | { readonly kind: "duplicate"; readonly nodes: readonly string[]; readonly shift: Spot }
  | { readonly kind: "paste"; readonly clip: Clip; readonly shift: Spot }
  | { readonly kind: "connect"; readonly edge: DocEdge }
  | { readonly kind: "disconnect"; readonly edges: readonly DocEdge[] }
  | { readonly kind: "move"; readonly spots: { readonly [node: string]: Spot } }
  | { readonly kind: "rename"; readonly node: string; readonly name: string }
  | { readonly kind: "remark"; readonly node: string; readonly note: string }
  | { readonly kind: "param"; readonly node: string; readonly path: Path; readonly value: Value | undefined }
  | { readonly kind: "policy"; readonly node: string; readonly path: Path; readonly value: Value | undefined }
  | { readonly kind: "connection"; readonly node: string; readonly slot: string | undefined }
  | { readonly kind: "slot"; readonly name: string; readonly slot: Slot | undefined }
  | { readonly kind: "setting"; readonly path: Path; readonly value: Value | undefined }
  | { readonly kind: "describe"; readonly name?: string; readonly description?: string }
  | { readonly kind: "note"; readonly index: number; readonly note: { readonly text: string; readonly spot: Spot } | undefined }
  | { readonly kind: "replace"; readonly doc: Doc };

export interface Outcome {
  readonly doc: Doc;
  /** Ids of nodes that the command brought, in its order. */
  readonly made: readonly string[];
}

export function carryOut(doc: Doc, command: Command): Outcome {
  switch (command.kind) {
    case "add":
      return added(doc, command.node, command.join, { ...command.moves }, command.spot);
    case "duplicate": {
      const clip = clipOf(doc, command.nodes);
      if (clip.nodes.length === 0) return still(doc);
      const { doc: next, ids } = withClip(doc, clip, command.shift);
      return { doc: next, made: ids };
    }
    case "paste": {
      const { doc: next, ids } = withClip(doc, command.clip, command.shift);
      return { doc: next, made: ids };
    }
    default: {
      const next = changed(doc, command);
      return still(same(doc as unknown as Obj, next as unknown as Obj) ? doc : next);
    }
  }
}

function still(doc: Doc): Outcome {
  return { doc, made: [] };
}

function changed(doc: Doc, command: Exclude<Command, { readonly kind: "add" | "duplicate" | "paste" }>): Doc {
  switch (command.kind) {
    case "splice":
      return spliced(doc, command.edge, command.node, command.port);
    case "delete":
      return deleted(doc, command.nodes);
    case "connect":
      return connected(doc, command.edge);
    case "disconnect":
      return disconnected(doc, command.edges);
    case "move":
      return moved(doc, command.spots);
    case "rename":
      return withNode(doc, command.node, (node) => put(node, "name", command.name));
    case "remark":
      return withNode(doc, command.node, (node) => put(node, "note", command.note === "" ? undefined : command.note));
    case "param":
      return withNode(doc, command.node, (node) => put(node, "params", withAt(node.params, command.path, command.value) ?? {}));
    case "policy":
      return withNode(doc, command.node, (node) => put(node, "policy", tidy(withAt(node.policy, command.path, command.value))));
    case "connection":
      return withNode(doc, command.node, (node) => put(node, "connection", command.slot));
    case "slot":
      return withSlot(doc, command.name, command.slot);
    case "setting":
      return put(doc, "settings", tidy(withAt(doc.settings, command.path, command.value)));
    case "describe": {
      const named = command.name === undefined ? doc : put(doc, "name", command.name);
      return command.description === undefined ? named : put(named, "description", command.description);
    }
    case "note":
      return noted(doc, command.index, command.note);
    case "replace":
      return withContent(doc, command.doc);
  }
}

/** Without objects that hold nothing; nothing at all where none is left. */
function tidy(value: Value | undefined): Value | undefined {
  if (!isObj(value)) return value;
  const rest = Object.entries(value).flatMap(([name, one]): readonly (readonly [string, Value])[] => {
    const kept = tidy(one);
    return kept === undefined ? [] : [[name, kept]];
  });
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function withNode(doc: Doc, id: string, change: (node: DocNode) => DocNode): Doc {
  return { ...doc, nodes: doc.nodes.map((one) => (one.id === id ? change(one) : one)) };
}

function withSlot(doc: Doc, name: string, slot: Slot | undefined): Doc {
  const nodes = slot === undefined ? doc.nodes.map((one) => (one.connection === name ? put(one, "connection", undefined) : one)) : doc.nodes;
  return { ...doc, nodes, connections: put(doc.connections ?? {}, name, slot as Value | undefined) };
}

function moved(doc: Doc, spots: { readonly [node: string]: Spot }): Doc {
  const known = Object.entries(spots).filter(([id]) => nodeOf(doc, id) !== undefined);
  if (known.length === 0) return doc;
  const nodes = { ...doc.layout?.nodes, ...Object.fromEntries(known.map(([id, spot]) => [id, spotValue(spot)])) };
  return { ...doc, layout: { ...doc.layout, nodes } };
}

function noted(doc: Doc, index: number, note: { readonly text: string; readonly spot: Spot } | undefined): Doc {
  const known = doc.layout?.notes ?? [];
  if (index > known.length || index < 0) return doc;
  const next = note === undefined ? known.filter((_, place) => place !== index) : known.toSpliced(index, 1, { ...known[index], ...spotValue(note.spot), text: note.text });
  return { ...doc, layout: put(doc.layout ?? {}, "notes", next.length === 0 ? undefined : next) };
}

function added(doc: Doc, node: NewNode, join: Join, moves: { readonly [node: string]: Spot }, spot: Spot | null): Outcome {
  const id = freshId(node.name, new Set(doc.nodes.map((one) => one.id)));
  const [slotted, slot] = node.connector === undefined ? [doc, undefined] : slotOf(doc, node.connector);
  const made: DocNode = {
    id,
    type: node.type,
    name: node.name,
    ...(slot === undefined ? {} : { connection: slot }),
    params: node.params ?? {},
  };
  let next: Doc = { ...slotted, nodes: [...slotted.nodes, made] };
  if (join.kind === "after") next = connected(next, { from: join.from, port: join.port, to: id });
  if (join.kind === "splice") next = spliced(next, join.edge, id, join.port);
  return { doc: moved(next, spot === null ? moves : { ...moves, [id]: spot }), made: [id] };
}

/** The first slot of the connector, or a new one that bears its name. */
function slotOf(doc: Doc, connector: string): readonly [Doc, string] {
  const known = Object.entries(doc.connections ?? {}).find(([, one]) => one.connector === connector)?.[0];
  if (known !== undefined) return [doc, known];
  const name = freshId(connector, new Set(Object.keys(doc.connections ?? {})));
  return [{ ...doc, connections: { ...doc.connections, [name]: { connector } } }, name];
}

/** What typing in one field and dragging one group have in common: such commands in a row are one
 * step for undo. Null for a command that is a step of its own. */
export function stretchOf(command: Command): string | null {
  switch (command.kind) {
    case "param":
    case "policy":
      return `${command.kind} ${command.node} ${JSON.stringify(command.path)}`;
    case "rename":
    case "remark":
      return `${command.kind} ${command.node}`;
    case "move":
      return `move ${Object.keys(command.spots).sort().join(" ")}`;
    case "setting":
      return `setting ${JSON.stringify(command.path)}`;
    case "describe":
      return `describe ${command.name === undefined ? "text" : "name"}`;
    case "note":
      return command.note === undefined ? null : `note ${command.index}`;
    default:
      return null;
  }
}

