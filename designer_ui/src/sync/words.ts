import type { KnownRecord } from "../api/syncTypes";

/** "delivery_note" as people write it: "Delivery note". */
export function human(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a record is called when nobody may see its label: by its ids. */
export function titleOf(one: { readonly label: string; readonly left: KnownRecord; readonly right: KnownRecord }): string {
  return [one.label, one.left.id, one.right.id].find((name) => name !== "") ?? "";
}
