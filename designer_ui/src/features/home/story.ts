/** The one sentence that Home begins with. Pure. */

import type { Home, HomeCard } from "../../api/types";
import type { I18n } from "../../i18n";

const NAMED = 3;
const LONG = 60;

/** The names where they read well in a sentence, else their number. */
function names(cards: readonly { readonly name: string }[], { t, locale }: I18n): string {
  const said = new Intl.ListFormat(locale, { type: "conjunction" }).format(cards.map((one) => one.name));
  if (cards.length === 1 || (cards.length <= NAMED && said.length <= LONG)) return said;
  return t("home.story.several", { count: cards.length });
}

function connectionNames(broken: readonly { readonly name: string }[], { locale }: I18n): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(broken.map((one) => one.name));
}

/** What is wrong first, then what flows; calm when all is well. */
export function sentence({ cards, connections }: Pick<Home, "cards" | "connections">, i18n: I18n): string {
  const { t } = i18n;
  if (cards.length === 0) return t("home.story.nothing");
  const broken = connections.filter((one) => one.state === "needs_attention");
  const by = (status: HomeCard["status"]) => cards.filter((one) => one.status === status);
  const [failing, delayed, flowing] = [by("failing"), by("delayed"), by("flowing")];
  const errors = cards.reduce((sum, one) => sum + one.errors, 0);
  if (flowing.length === cards.length && broken.length === 0) {
    return errors === 0 ? t("home.story.allFlow") : t("home.story.allFlowBut", { count: errors });
  }
  const parts = [
    broken.length > 0 ? t("home.story.broken", { names: connectionNames(broken, i18n), count: broken.length }) : "",
    failing.length > 0 ? t("home.story.failing", { names: names(failing, i18n), count: failing.length }) : "",
    delayed.length > 0 ? t("home.story.delayed", { names: names(delayed, i18n), count: delayed.length }) : "",
    flowing.length > 0 ? t("home.story.flowing", { names: names(flowing, i18n), count: flowing.length }) : "",
    errors > 0 && failing.length === 0 ? t("home.story.errors", { count: errors }) : "",
  ].filter((one) => one !== "");
  return parts.length === 0 ? t("home.story.quiet") : parts.join(" ");
}

export type Need =
  | { readonly kind: "connection"; readonly slug: string; readonly name: string; readonly message: string; readonly since: string | null }
  | { readonly kind: "errors"; readonly flow: string; readonly name: string; readonly count: number }
  | { readonly kind: "late"; readonly flow: string; readonly name: string; readonly since: string | null };

/** What a person has to look at: what blocks most comes first. */
export function needs({ cards, connections }: Pick<Home, "cards" | "connections">): readonly Need[] {
  return [
    ...connections
      .filter((one) => one.state === "needs_attention")
      .map((one): Need => ({ kind: "connection", slug: one.slug, name: one.name, message: one.state_message, since: one.checked_at })),
    ...cards
      .filter((one) => one.status === "delayed")
      .map((one): Need => ({ kind: "late", flow: one.flow, name: one.name, since: one.late_since ?? null })),
    ...cards
      .filter((one) => one.errors > 0)
      .map((one): Need => ({ kind: "errors", flow: one.flow, name: one.name, count: one.errors })),
  ];
}

export interface Totals {
  readonly confirmed: number;
  readonly records: number;
}

export function totals(cards: readonly HomeCard[]): Totals {
  let confirmed = 0;
  let records = 0;
  for (const { receipts } of cards) {
    confirmed += receipts.confirmed + receipts.absorbed;
    records += receipts.confirmed + receipts.absorbed + receipts.diverged;
  }
  return { confirmed, records };
}

/** An SVG path through the values on a `width` by `height` field, and the area below it. */
export function sparkPath(values: readonly number[], width: number, height: number): { readonly line: string; readonly area: string; readonly end: string } {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map((one, index) => {
    const x = (index * step).toFixed(1);
    const y = (height - 4 - (one / top) * (height - 8)).toFixed(1);
    return `${x} ${y}`;
  });
  const line = points.length === 0 ? "" : `M${points.join("L")}`;
  return { line, area: `${line}L${width} ${height}L0 ${height}Z`, end: points.at(-1) ?? "" };
}
