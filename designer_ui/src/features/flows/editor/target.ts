/** Where something is to be added, and the command that adds it there. Pure. */

import type { Catalog, FlowEdge, NodeType } from "../../../api/types";
import type { Positions } from "../../../canvas/geometry";
import type { Command, Join } from "../../../document/commands";
import type { Doc, Spot } from "../../../document/model";
import { throughPort } from "../../../document/ports";
import { placing } from "../../../document/spots";
import type { Obj } from "../../../document/value";
import type { Place } from "./search";

export type Target =
  | { readonly kind: "loose"; readonly wish: Spot | null }
  | { readonly kind: "after"; readonly from: string; readonly port: string; readonly wish: Spot | null }
  | { readonly kind: "between"; readonly edge: FlowEdge };

export function placeOf(target: Target): Place {
  return target.kind === "loose" ? "start" : target.kind;
}

function joinOf(target: Target, type: NodeType): Join {
  switch (target.kind) {
    case "loose":
      return { kind: "loose" };
    case "after":
      return { kind: "after", from: target.from, port: target.port };
    case "between":
      return { kind: "splice", edge: target.edge, port: throughPort(type.ports) };
  }
}

/** What a node begins with: nothing but what its schema demands and gives itself. */
export function firstParams(type: NodeType): Obj {
  const schema = type.params_schema as { readonly required?: readonly string[]; readonly properties?: { readonly [name: string]: { readonly default?: unknown } } };
  const given = (schema.required ?? []).flatMap((name): readonly (readonly [string, string | boolean])[] => {
    const fallback = schema.properties?.[name]?.default;
    return typeof fallback === "string" || typeof fallback === "boolean" ? [[name, fallback]] : [];
  });
  return Object.fromEntries(given);
}

export function addCommand(doc: Doc, at: Positions, target: Target, type: NodeType): Command {
  const join = joinOf(target, type);
  const { spot, moves } = placing(doc, at, join, target.kind === "between" ? null : target.wish);
  // A flow without places of its own is laid out as a whole; one with places keeps them.
  const placed = doc.nodes.length === 0 || doc.nodes.every((one) => doc.layout?.nodes?.[one.id] !== undefined);
  const connector = typeof type.connector === "string" ? type.connector : null;
  return {
    kind: "add",
    node: { type: type.type, name: type.title, params: firstParams(type), ...(connector === null ? {} : { connector }) },
    join,
    spot: placed ? spot : null,
    ...(placed ? { moves } : {}),
  };
}

export function usedConnectors(doc: Doc, catalog: Catalog): ReadonlySet<string> {
  const types = new Map(catalog.node_types.map((one) => [one.type, one.connector]));
  return new Set(doc.nodes.flatMap((one) => types.get(one.type) ?? []));
}
