/** The ports of a node: what its type has, and what its own settings add. Pure. */

import type { Catalog, NodeType } from "../api/types";
import type { DocNode } from "./model";
import { at, isList, isObj, type Value } from "./value";
import { ERROR_PORT } from "./wires";

function texts(value: Value | undefined, name?: string): readonly string[] {
  if (!isList(value)) return [];
  return value.flatMap((one) => {
    const text = name === undefined ? one : isObj(one) ? one[name] : undefined;
    return typeof text === "string" && text !== "" ? [text] : [];
  });
}

/** Ports that people name in the settings: cases of a switch, branches, routes of rules. */
function named(node: DocNode): readonly string[] {
  const params = node.params;
  switch (node.type.split("@", 1)[0]) {
    case "flow.switch":
      return texts(at(params, ["cases"]), "port");
    case "flow.parallel":
      return texts(at(params, ["branches"]));
    case "data.rules":
      return texts(at(params, ["rules"]), "route");
    default:
      return [];
  }
}

export function portsOf(node: DocNode, type: NodeType | undefined): readonly string[] {
  const error = at(node.policy, ["on_error"]) === "route" ? [ERROR_PORT] : [];
  return [...new Set([...named(node), ...(type?.ports ?? ["out"]), ...error])];
}

export function typeOf(catalog: Catalog | undefined, type: string): NodeType | undefined {
  return catalog?.node_types.find((one) => one.type === type);
}

/** Through which port of a node a flow goes on behind it; null where it ends. */
export function throughPort(ports: readonly string[]): string | null {
  return ports.find((one) => one === "out") ?? ports.find((one) => one !== ERROR_PORT) ?? null;
}
