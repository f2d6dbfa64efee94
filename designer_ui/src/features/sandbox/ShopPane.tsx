import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useReducer, useState } from "react";

import { api } from "../../api/client";
import type { ShopOrder, ShopProduct, ShopState } from "../../api/types";
import { useI18n } from "../../i18n";
import { exactInstant, money } from "../../lib/format";
import { Icon } from "../../ui/Icon";
import { Empty, Notice, Tile } from "../../ui/parts";
import { cartAfter, countOf, firstVariant, orderOf, PLAIN, priceOf, stockOf, totalOf, variant } from "./cart";
import { FaultPill } from "./faults";
import { Picture } from "./Pictures";
import { readableOn } from "./records";

const CURRENCY = "EUR";

export function ShopPane({ shop, onPlaced }: { readonly shop: ShopState | null; readonly onPlaced: (reference: string) => void }) {
  const { t, locale } = useI18n();
  const client = useQueryClient();
  const [cart, change] = useReducer(cartAfter, []);
  const [placed, setPlaced] = useState<string | null>(null);
  const place = useMutation({
    mutationFn: () => api.post<ShopOrder>("/sandbox/shop/orders", orderOf(cart)),
    onSuccess: (order) => {
      change({ kind: "empty" });
      setPlaced(order.reference);
      onPlaced(order.reference);
      return client.invalidateQueries({ queryKey: ["sandbox"] });
    },
  });
  const gone = shop === null || shop.unreachable === true;
  const products = gone ? [] : shop.products;
  const named = cart.map((line) => {
    const product = products.find((one) => String(one.id) === line.product);
    const words = product === undefined ? "" : [product.name, variant(product, line.combination)?.name].filter(Boolean).join(", ");
    return line.quantity > 1 ? `${line.quantity} × ${words}` : words;
  });
  return (
    <section className="pane shop" aria-label="Meadow Shop">
      <header className="ph">
        <Tile hue="presta" icon="shop" size="xs" />
        <h2 className="semi grow">Meadow Shop</h2>
        <FaultPill faults={shop?.faults} unreachable={gone} />
      </header>
      {gone ? (
        <Empty icon="power" title={t("sandbox.gone")} text={t("sandbox.gone.text")} />
      ) : (
        <>
          <div className="sh">
            <span className="lg">meadow</span>
            <span className="grow" />
            <span className="cart" role="status" aria-label={t("shop.cart", { count: countOf(cart) })}>
              <Icon name="cart" />
              <b aria-hidden="true">{countOf(cart)}</b>
            </span>
          </div>
          <ul className="prs" tabIndex={0} aria-label={t("shop.products")}>
            {products.map((one) => (
              <Product key={one.id} product={one} onAdd={(combination) => change({ kind: "add", product: String(one.id), combination })} />
            ))}
          </ul>
          <div className="cc" data-tour="order">
            <div className="grow">
              <div className="med">{t("shop.cart", { count: countOf(cart) })}</div>
              <div className="small t2 cut">{named.length === 0 ? t("shop.cart.empty") : named.join(" · ")}</div>
            </div>
            {cart.length > 0 && (
              <button type="button" className="btn ghost xs sq" aria-label={t("shop.cart.clear")} title={t("shop.cart.clear")} onClick={() => change({ kind: "empty" })}>
                <Icon name="close" size={14} />
              </button>
            )}
            <b className="semi tn nowrap">{money(totalOf(cart, products), CURRENCY, locale)}</b>
            <button type="button" className="btn dk" disabled={cart.length === 0 || place.isPending} onClick={() => place.mutate()}>
              {place.isPending && <Icon name="spinner" size={14} spin />}
              {t("shop.place")}
            </button>
          </div>
          {place.error !== null && <div className="panenote"><Notice error={place.error} /></div>}
          <Orders orders={shop.orders} fresh={placed} />
        </>
      )}
    </section>
  );
}

function Product({ product, onAdd }: { readonly product: ShopProduct; readonly onAdd: (combination: string) => void }) {
  const { t, locale } = useI18n();
  const [wanted, setWanted] = useState<string | null>(null);
  const combination = wanted !== null && variant(product, wanted) !== undefined ? wanted : firstVariant(product);
  const left = stockOf(product, combination);
  const soldOut = left <= 0;
  return (
    <li className="pr">
      <div className="im"><Picture kind={product.image ?? ""} /></div>
      <div className="med pn">{product.name}</div>
      {combination === PLAIN ? (
        <div className="vr small t3">{t("shop.oneKind")}</div>
      ) : (
        <select className="field s vr" aria-label={t("shop.variant", { name: product.name })} value={combination} onChange={(event) => setWanted(event.target.value)}>
          {product.combinations.map((one) => (
            <option key={one.id} value={String(one.id)}>{shortVariant(one.name)}</option>
          ))}
        </select>
      )}
      <div className="row small">
        <b className="semi tn">{money(priceOf(product, combination), CURRENCY, locale)}</b>
        <span className="grow" />
        <span className={soldOut ? "t3 tn" : "fok tn"}>{t("shop.stock", { count: left })}</span>
      </div>
      <button type="button" className="btn s" disabled={soldOut} aria-label={soldOut ? t("shop.soldOut.named", { name: product.name }) : t("shop.add.named", { name: product.name })} onClick={() => onAdd(combination)}>
        {soldOut ? t("shop.soldOut") : t("shop.add")}
      </button>
    </li>
  );
}

/** "Size: S, Color: White" without the names of the attributes. */
function shortVariant(name: string): string {
  return name.replaceAll(/[^,:]+: ?/g, " ").replaceAll(/\s+/g, " ").replaceAll(" ,", ",").trim();
}

function Orders({ orders, fresh }: { readonly orders: readonly ShopOrder[]; readonly fresh: string | null }) {
  const { t, locale } = useI18n();
  const today = new Date().toDateString();
  const placedAt = (at: string): string => {
    const instant = new Date(at);
    return new Intl.DateTimeFormat(locale, instant.toDateString() === today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" }).format(instant);
  };
  return (
    <div className="ot" data-tour="shop">
      <h3 className="semi">{t("shop.orders")}</h3>
      {orders.length === 0 ? (
        <p className="t3 small">{t("shop.orders.none")}</p>
      ) : (
        <div className="scroll" tabIndex={0}>
          <table>
            <colgroup>
              <col style={{ width: 98 }} />
              <col style={{ width: 60 }} />
              <col />
              <col style={{ width: 84 }} />
              <col style={{ width: 64 }} />
            </colgroup>
            <thead>
              <tr>
                <th scope="col">{t("shop.order")}</th>
                <th scope="col">{t("shop.placed")}</th>
                <th scope="col">{t("notes.status")}</th>
                <th scope="col">{t("shop.tracking")}</th>
                <th scope="col" className="num">{t("notes.total")}</th>
              </tr>
            </thead>
            <tbody>
              {orders.map((one) => (
                <tr key={one.id} className={one.reference === fresh ? "hot" : undefined}>
                  <td className="med">{one.reference}</td>
                  <td className="t2"><time dateTime={one.placed} title={exactInstant(one.placed, locale)}>{placedAt(one.placed)}</time></td>
                  <td><span className="st cut" title={one.state.name} style={{ background: one.state.color, color: readableOn(one.state.color) }}>{one.state.name}</span></td>
                  <td className="t2 cut">{one.tracking === null || one.tracking === "" ? t("shop.notYet") : one.tracking}</td>
                  <td className="num tn">{money(one.total, CURRENCY, locale)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
