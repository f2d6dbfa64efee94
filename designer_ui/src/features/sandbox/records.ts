/** Notes documents as the views and forms of the client look-alike show them. Pure. */

import type { Json, NotesDocument } from "../../api/types";

export const STATUSES = ["Awaiting Approval", "In Fulfilment", "Shipped", "Closed", "Cancelled"] as const;
export const ORDER_FORM = "Order Record";
export const PRODUCT_FORM = "Product Catalog Item";

export function texts(value: Json | undefined): readonly string[] {
  if (value === undefined || value === null || value === "") return [];
  return Array.isArray(value) ? value.map((one) => String(one)) : [String(value)];
}

export function item(document: NotesDocument, ...names: readonly string[]): string {
  for (const name of names) {
    const [first] = texts(document.items[name]);
    if (first !== undefined) return first;
  }
  return "";
}

/** The item that holds the status of an order: forms of different age name it differently. */
export function statusItem(document: NotesDocument): string {
  return "Status" in document.items && !("OrderStatus" in document.items) ? "Status" : "OrderStatus";
}

export const reference = (one: NotesDocument): string => item(one, "OrderRef", "OrderNo");
export const status = (one: NotesDocument): string => item(one, statusItem(one));

export function variantWords(one: NotesDocument): string {
  return ["Size", "Color", "Dimension", "Paper"].map((name) => item(one, name)).filter((text) => text !== "").join(", ");
}

export function lines(one: NotesDocument): readonly string[] {
  const quantities = texts(one.items["Item_Qty"]);
  return texts(one.items["Item_Desc"]).map((text, index) => `${quantities[index] ?? "1"} × ${text}`);
}

export function shipTo(one: NotesDocument): string {
  const whole = texts(one.items["ShipTo"]);
  if (whole.length > 0) return whole.join(", ");
  const town = [item(one, "ShipPostcode"), item(one, "ShipCity")].filter((text) => text !== "").join(" ");
  return [item(one, "ShipStreet"), town, item(one, "ShipCountry")].filter((text) => text !== "").join(", ");
}

export interface Category {
  readonly name: string;
  readonly documents: readonly NotesDocument[];
}

const newestFirst = (left: NotesDocument, right: NotesDocument): number =>
  item(right, "OrderDate").localeCompare(item(left, "OrderDate")) || reference(left).localeCompare(reference(right));

export function orders(documents: readonly NotesDocument[]): readonly NotesDocument[] {
  return documents.filter((one) => one.form === ORDER_FORM).sort(newestFirst);
}

/** Orders under their status, in the order in which an order goes through them. */
export function byStatus(documents: readonly NotesDocument[]): readonly Category[] {
  const found = orders(documents);
  const known: readonly string[] = STATUSES;
  const names = [...new Set([...known, ...found.map(status)])];
  return names
    .map((name) => ({ name, documents: found.filter((one) => status(one) === name) }))
    .filter((one) => one.documents.length > 0);
}

export function stock(documents: readonly NotesDocument[]): readonly NotesDocument[] {
  return documents
    .filter((one) => one.form === PRODUCT_FORM)
    .sort(
      (left, right) =>
        item(left, "ProductName").localeCompare(item(right, "ProductName")) ||
        variantWords(left).localeCompare(variantWords(right), undefined, { numeric: true }),
    );
}

/** The items that differ from what the document holds: all that a save sends. */
export function changedItems(document: NotesDocument, draft: { readonly [item: string]: string }): { readonly [item: string]: string } {
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => item(document, name) !== value));
}

function channel(hex: string, at: number): number {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Black or white, whichever reads better on the shop's own colour for a state. */
export function readableOn(colour: string): "#000000" | "#ffffff" {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (hex === undefined) return "#ffffff";
  const light = 0.2126 * channel(hex, 0) + 0.7152 * channel(hex, 2) + 0.0722 * channel(hex, 4);
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}
