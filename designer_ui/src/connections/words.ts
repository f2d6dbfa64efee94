import type { Connection } from "../api/types";
import { connectorName } from "../canvas/looks";

/** "PrestaShop 9.1.4 · 127.0.0.1:8101": what is over there, in one line. */
export function systemWords(one: Pick<Connection, "connector" | "system" | "facts">): string {
  const version = one.facts["version"];
  const name = connectorName(one.connector);
  const first = typeof version === "string" ? `${name} ${version}` : name;
  return one.system === "" ? first : `${first} · ${one.system}`;
}
