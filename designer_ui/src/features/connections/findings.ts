import type { JsonObject } from "../../api/types";

/** What a check looked at: how it is, and what to do when that is not well. */
export interface Finding {
  readonly id: string;
  readonly level: "ok" | "warn" | "fail";
  readonly says: string;
  readonly remedy: string;
}

const ORDER = { fail: 0, warn: 1, ok: 2 } as const;

/** The findings among a connection's facts, the worst first; connectors need not have any. */
export function findingsOf(facts: JsonObject): readonly Finding[] {
  const given = facts["findings"];
  if (!Array.isArray(given)) return [];
  const found: Finding[] = [];
  for (const one of given) {
    if (typeof one !== "object" || one === null || Array.isArray(one)) continue;
    const { id, level, says, remedy } = one as JsonObject;
    if (typeof id !== "string" || typeof says !== "string") continue;
    const known = level === "warn" || level === "fail" ? level : "ok";
    found.push({ id, level: known, says, remedy: typeof remedy === "string" ? remedy : "" });
  }
  return found.sort((one, other) => ORDER[one.level] - ORDER[other.level]);
}

/** The other facts. What each operation needs is told by the findings, where there are any. */
export function otherFacts(facts: JsonObject): readonly (readonly [string, JsonObject[string]])[] {
  const told = findingsOf(facts).length > 0;
  return Object.entries(facts).filter(([name]) => name !== "findings" && !(told && name === "operations"));
}
