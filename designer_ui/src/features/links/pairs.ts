/** Pairs as CSV: where they come from, and whether a file can be one of them. */

import { BASE, pathWith } from "../../api/client";

/** How the name of an entity is written. */
export const ENTITY = /^[a-z][a-z0-9_-]{0,63}$/;
export const COLUMNS = ["left_system", "left_id", "right_system", "right_id"] as const;
/** Characters of one import. */
export const MOST = 20_000_000;

export function exportHref(environment: string, entity: string): string {
  return pathWith(`${BASE}/links/pairs`, { environment, entity });
}

export type Fault = "empty" | "large" | "columns";

/** What is wrong with the text at first sight; the server says the rest line by line. */
export function faultOf(text: string): Fault | null {
  if (text.trim() === "") return "empty";
  if (text.length > MOST) return "large";
  const [head = ""] = text.replace(/^\ufeff/, "").split(/\r?\n/, 1);
  const names = head.split(",").map((one) => one.trim().replaceAll('"', ""));
  return COLUMNS.every((one) => names.includes(one)) ? null : "columns";
}

/** Lines of data, for a sentence before the act. */
export function linesOf(text: string): number {
  return Math.max(0, text.split(/\r?\n/).filter((one) => one.trim() !== "").length - 1);
}
