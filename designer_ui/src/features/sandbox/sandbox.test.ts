import { describe, expect, it } from "vitest";

import type { NotesDocument, ShopProduct } from "../../api/types";
import { cartAfter, countOf, firstVariant, orderOf, stockOf, totalOf, type Cart } from "./cart";
import { byStatus, changedItems, lines, readableOn, shipTo, stock } from "./records";

const SHIRT: ShopProduct = {
  id: "1",
  name: "Hummingbird printed t-shirt",
  price: "23.90",
  quantity: 300,
  combinations: [
    { id: "1", name: "S, White", quantity: 0 },
    { id: "2", name: "M, White", quantity: 4, price: "25.90" },
  ],
};
const MUG: ShopProduct = { id: "6", name: "Mug", price: "11.90", quantity: 12, combinations: [] };

describe("cart", () => {
  it("adds up the same variant and keeps others apart", () => {
    const add = (cart: Cart, product: string, combination: string) => cartAfter(cart, { kind: "add", product, combination });
    const cart = add(add(add([], "1", "2"), "6", "0"), "1", "2");
    expect(cart).toEqual([
      { product: "1", combination: "2", quantity: 2 },
      { product: "6", combination: "0", quantity: 1 },
    ]);
    expect(countOf(cart)).toBe(3);
    expect(totalOf(cart, [SHIRT, MUG])).toBeCloseTo(63.7);
    expect(orderOf(cart).lines[0]).toEqual({ product_id: "1", combination_id: "2", quantity: 2 });
    expect(cartAfter(cart, { kind: "empty" })).toEqual([]);
  });

  it("starts with a variant that can be bought", () => {
    expect(firstVariant(SHIRT)).toBe("2");
    expect(firstVariant(MUG)).toBe("0");
    expect(stockOf(SHIRT, "1")).toBe(0);
    expect(stockOf(MUG, "0")).toBe(12);
  });
});

function record(unid: string, form: string, items: NotesDocument["items"]): NotesDocument {
  return { unid, form, modified: "2026-11-23T11:00:00Z", items };
}

describe("views", () => {
  const documents = [
    record("A", "Order Record", { OrderRef: "OLD", OrderDate: "2026-11-01T00:00:00Z", OrderStatus: "Shipped" }),
    record("B", "Order Record", { OrderRef: "NEW", OrderDate: "2026-11-23T00:00:00Z", OrderStatus: "Shipped" }),
    record("C", "Order Record", { OrderRef: "WAIT", OrderStatus: "Awaiting Approval" }),
    record("D", "Product Catalog Item", { ProductName: "Shirt", Size: "M" }),
    record("E", "Product Catalog Item", { ProductName: "Mug" }),
  ];

  it("puts orders under their status in the order of their life, newest first", () => {
    expect(byStatus(documents).map((one) => [one.name, one.documents.map((document) => document.unid)])).toEqual([
      ["Awaiting Approval", ["C"]],
      ["Shipped", ["B", "A"]],
    ]);
  });

  it("sorts stock by product", () => {
    expect(stock(documents).map((one) => one.unid)).toEqual(["E", "D"]);
  });
});

describe("documents", () => {
  it("writes lines and address from multi-value items and single ones alike", () => {
    const two = record("A", "Order Record", { Item_Desc: ["Shirt", "Mug"], Item_Qty: [1, 2], ShipStreet: "16, Main street", ShipPostcode: "75002", ShipCity: "Paris" });
    expect(lines(two)).toEqual(["1 × Shirt", "2 × Mug"]);
    expect(shipTo(two)).toBe("16, Main street, 75002 Paris");
    expect(lines(record("B", "Order Record", { Item_Desc: "Shirt", Item_Qty: 3 }))).toEqual(["3 × Shirt"]);
  });

  it("saves only what was changed", () => {
    const one = record("A", "Order Record", { OrderStatus: "Shipped", TrackingNo: "" });
    expect(changedItems(one, { OrderStatus: "Shipped", TrackingNo: "1Z 4471" })).toEqual({ TrackingNo: "1Z 4471" });
    expect(changedItems(record("B", "Product Catalog Item", { Stock: 38 }), { Stock: "38" })).toEqual({});
  });

  it("chooses readable text on the shop's colours", () => {
    expect(readableOn("#34209E")).toBe("#ffffff");
    expect(readableOn("#FFD633")).toBe("#000000");
    expect(readableOn("not a colour")).toBe("#ffffff");
  });
});
