/** The visitor's cart. Pure. */

import type { ShopCombination, ShopProduct } from "../../api/types";

export interface CartLine {
  readonly product: string;
  readonly combination: string;
  readonly quantity: number;
}

export type Cart = readonly CartLine[];

export type CartCommand =
  | { readonly kind: "add"; readonly product: string; readonly combination: string }
  | { readonly kind: "empty" };

export function cartAfter(cart: Cart, command: CartCommand): Cart {
  if (command.kind === "empty") return [];
  const { product, combination } = command;
  const known = cart.findIndex((one) => one.product === product && one.combination === combination);
  const line = cart[known];
  return line === undefined
    ? [...cart, { product, combination, quantity: 1 }]
    : cart.with(known, { ...line, quantity: line.quantity + 1 });
}

export function countOf(cart: Cart): number {
  return cart.reduce((sum, one) => sum + one.quantity, 0);
}

/** No combination is "0", as the shop has it. */
export const PLAIN = "0";

export function variant(product: ShopProduct, combination: string): ShopCombination | undefined {
  return product.combinations.find((one) => String(one.id) === combination);
}

export function priceOf(product: ShopProduct, combination: string): number {
  return Number(variant(product, combination)?.price ?? product.price);
}

export function stockOf(product: ShopProduct, combination: string): number {
  return variant(product, combination)?.quantity ?? product.quantity;
}

/** What is chosen before anybody chooses: the first variant that can be bought. */
export function firstVariant(product: ShopProduct): string {
  const first = product.combinations.find((one) => one.quantity > 0) ?? product.combinations[0];
  return first === undefined ? PLAIN : String(first.id);
}

export function totalOf(cart: Cart, products: readonly ShopProduct[]): number {
  return cart.reduce((sum, line) => {
    const product = products.find((one) => String(one.id) === line.product);
    return product === undefined ? sum : sum + line.quantity * priceOf(product, line.combination);
  }, 0);
}

/** The order as the shop's front office takes it. */
export function orderOf(cart: Cart): { readonly origin: "front"; readonly lines: readonly { readonly product_id: string; readonly combination_id: string; readonly quantity: number }[] } {
  return {
    origin: "front",
    lines: cart.map((one) => ({ product_id: one.product, combination_id: one.combination, quantity: one.quantity })),
  };
}
