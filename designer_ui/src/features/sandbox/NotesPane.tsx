import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { api } from "../../api/client";
import type { NotesDocument, NotesState } from "../../api/types";
import { useI18n, type MessageKey } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { Empty, Notice, Tile } from "../../ui/parts";
import { FaultPill } from "./faults";
import {
  byStatus,
  changedItems,
  item,
  lines,
  ORDER_FORM,
  orders,
  PRODUCT_FORM,
  reference,
  shipTo,
  status,
  STATUSES,
  statusItem,
  stock,
  texts,
  variantWords,
} from "./records";

export type ViewName = "by-status" | "by-date" | "stock" | "all";

export function asView(value: string | null): ViewName {
  return value === "by-date" || value === "stock" || value === "all" ? value : "by-status";
}

const VIEWS: readonly { readonly name: ViewName; readonly label: MessageKey; readonly inner: boolean }[] = [
  { name: "by-status", label: "notes.byStatus", inner: true },
  { name: "by-date", label: "notes.byDate", inner: true },
  { name: "stock", label: "notes.stock", inner: false },
  { name: "all", label: "notes.all", inner: false },
];

interface Props {
  readonly notes: NotesState | null;
  readonly view: ViewName;
  readonly unid: string | null;
  readonly onView: (view: ViewName) => void;
  readonly onOpen: (unid: string | null) => void;
}

export function NotesPane({ notes, view, unid, onView, onOpen }: Props) {
  const { t } = useI18n();
  const gone = notes === null || notes.unreachable === true;
  const documents = gone ? [] : notes.documents;
  const open = documents.find((one) => one.unid === unid);
  return (
    <section className="pane nts" aria-label={t("notes.title")}>
      <header className="ph">
        <Tile hue="notes" icon="notes" size="xs" />
        <h2 className="semi grow">{t("notes.title")}</h2>
        <FaultPill faults={notes?.faults} unreachable={gone} />
      </header>
      {gone ? (
        <Empty icon="power" title={t("sandbox.gone")} text={t("sandbox.gone.text")} />
      ) : (
        <div className="nb">
          <nav className="nn" aria-label={t("notes.views")}>
            <div className="hd cut">{notes.databases[0]?.path ?? ""}</div>
            <ul>
              <li className="grp">{t("notes.orders")}</li>
              {VIEWS.map((one) => (
                <li key={one.name}>
                  <button type="button" className={one.inner ? "inner" : undefined} aria-current={view === one.name ? "page" : undefined} onClick={() => onView(one.name)}>
                    {t(one.label)}
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <div className="nm">
            <div className="scroll" tabIndex={0} data-tour="record">
              <View name={view} documents={documents} open={open?.unid ?? null} onOpen={onOpen} />
            </div>
            {open !== undefined && <OpenDocument key={open.unid} document={open} onClose={() => onOpen(null)} />}
          </div>
        </div>
      )}
    </section>
  );
}

function View({ name, documents, open, onOpen }: { readonly name: ViewName; readonly documents: readonly NotesDocument[]; readonly open: string | null; readonly onOpen: (unid: string) => void }) {
  const { t, locale } = useI18n();
  const number = (text: string, digits = 0): string =>
    text === "" || Number.isNaN(Number(text)) ? text : new Intl.NumberFormat(locale, { minimumFractionDigits: digits }).format(Number(text));
  const date = (text: string): string => (text === "" || Number.isNaN(Date.parse(text)) ? text : new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short" }).format(new Date(text)));
  const row = (one: NotesDocument, first: string, cells: readonly ReactNode[]) => (
    <tr key={one.unid} className={one.unid === open ? "hit sel" : "hit"}>
      <td className="med">
        <button type="button" className="tablelink" aria-pressed={one.unid === open} onClick={() => onOpen(one.unid)}>{first}</button>
      </td>
      {cells.map((cell, index) => (
        <td key={index} className="cut">{cell}</td>
      ))}
    </tr>
  );
  const total = (one: NotesDocument) => <span className="numcell">{number(item(one, "Total"), 2)}</span>;
  switch (name) {
    case "by-status": {
      const categories = byStatus(documents);
      if (categories.length === 0) return <Empty icon="notes" title={t("notes.noOrders")} text={t("notes.noOrders.text")} />;
      return (
        <Sheet heads={[t("notes.order"), t("notes.customer"), t("shop.tracking"), t("notes.total")]} widths={[118, null, 74, 60]} numeric={3}>
          {categories.map((category) => [
            <tr key={category.name} className="cat">
              <th colSpan={4} scope="colgroup">
                <span className="row" style={{ gap: 4 }}><Icon name="down" size={12} />{category.name} <span className="tn">{category.documents.length}</span></span>
              </th>
            </tr>,
            ...category.documents.map((one) => row(one, reference(one), [item(one, "CustomerName"), item(one, "TrackingNo"), total(one)])),
          ])}
        </Sheet>
      );
    }
    case "by-date": {
      const found = orders(documents);
      if (found.length === 0) return <Empty icon="notes" title={t("notes.noOrders")} text={t("notes.noOrders.text")} />;
      return (
        <Sheet heads={[t("notes.order"), t("notes.date"), t("notes.customer"), t("notes.status")]} widths={[126, 112, null, 120]}>
          {found.map((one) => row(one, reference(one), [date(item(one, "OrderDate")), item(one, "CustomerName"), status(one)]))}
        </Sheet>
      );
    }
    case "stock":
      return (
        <Sheet heads={[t("notes.product"), t("notes.variant"), t("notes.key"), t("notes.stock")]} widths={[null, 104, 70, 58]} numeric={3}>
          {stock(documents).map((one) =>
            row(one, item(one, "ProductName"), [variantWords(one), item(one, "ProductID"), <span key="stock" className="numcell">{number(item(one, "Stock"))}</span>]),
          )}
        </Sheet>
      );
    case "all":
      return (
        <Sheet heads={[t("notes.title.column"), t("notes.form"), t("notes.modified")]} widths={[null, 152, 128]}>
          {[...documents]
            .sort((left, right) => right.modified.localeCompare(left.modified))
            .map((one) => row(one, reference(one) || [item(one, "ProductName", "FullName"), variantWords(one)].filter(Boolean).join(", ") || one.unid.slice(0, 8), [one.form, date(one.modified)]))}
        </Sheet>
      );
  }
}

function Sheet({ heads, widths, numeric, children }: { readonly heads: readonly string[]; readonly widths: readonly (number | null)[]; readonly numeric?: number; readonly children: ReactNode }) {
  return (
    <table className="sheet">
      <colgroup>
        {widths.map((one, index) => (
          <col key={index} style={one === null ? undefined : { width: one }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {heads.map((one, index) => (
            <th key={one} scope="col" className={index === numeric ? "num" : undefined}>{one}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function OpenDocument({ document, onClose }: { readonly document: NotesDocument; readonly onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [draft, setDraft] = useState<{ readonly [item: string]: string }>({});
  const save = useMutation({
    mutationFn: async () => {
      const items = changedItems(document, draft);
      if (Object.keys(items).length === 0) return;
      await api.post<unknown>(`/sandbox/notes/documents/${encodeURIComponent(document.unid)}`, { items });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["sandbox"] });
      onClose();
    },
  });
  const valueOf = (name: string): string => draft[name] ?? item(document, name);
  const set = (name: string) => (event: { readonly target: { readonly value: string } }) => setDraft({ ...draft, [name]: event.target.value });
  const editable = document.form === ORDER_FORM || document.form === PRODUCT_FORM;
  const title = document.form === ORDER_FORM ? reference(document) : item(document, "ProductName", "FullName", "CustomerNo");
  const statusName = statusItem(document);
  const choices: readonly string[] = STATUSES;
  const current = valueOf(statusName);
  return (
    <form
      className="nd" data-tour="ship"
      aria-label={`${document.form} ${title}`}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div className="ndh">
        <span className="semi grow cut">{document.form} {title}</span>
        {editable && (
          <button type="submit" className="btn xs" disabled={save.isPending}>
            {save.isPending && <Icon name="spinner" size={12} spin />}
            {t("notes.save")}
          </button>
        )}
        <button type="button" className="btn ghost xs sq" aria-label={t("notes.discard")} title={t("notes.discard")} onClick={onClose}>
          <Icon name="close" size={14} />
        </button>
      </div>
      {save.error !== null && <div className="panenote"><Notice error={save.error} /></div>}
      <dl>
        {document.form === ORDER_FORM ? (
          <>
            <dt>{t("notes.customer")}</dt>
            <dd>{item(document, "CustomerName")}</dd>
            <dt>{t("notes.lines")}</dt>
            <dd>{lines(document).map((one, index) => <div key={index}>{one}</div>)}</dd>
            <dt>{t("notes.shipTo")}</dt>
            <dd>{shipTo(document)}</dd>
            <dt><label htmlFor="nd-status">{t("notes.status")}</label></dt>
            <dd>
              <select id="nd-status" className="field s" value={current} onChange={set(statusName)}>
                {!choices.includes(current) && <option value={current}>{current}</option>}
                {STATUSES.map((one) => (
                  <option key={one} value={one}>{one}</option>
                ))}
              </select>
            </dd>
            <dt><label htmlFor="nd-tracking">{t("notes.tracking")}</label></dt>
            <dd><input id="nd-tracking" className="field s" value={valueOf("TrackingNo")} onChange={set("TrackingNo")} autoComplete="off" /></dd>
          </>
        ) : document.form === PRODUCT_FORM ? (
          <>
            <dt>{t("notes.product")}</dt>
            <dd>{item(document, "ProductName")}</dd>
            <dt>{t("notes.variant")}</dt>
            <dd>{variantWords(document) || "–"}</dd>
            <dt>{t("notes.key")}</dt>
            <dd>{item(document, "ProductID")}</dd>
            <dt><label htmlFor="nd-stock">{t("notes.stock")}</label></dt>
            <dd><input id="nd-stock" className="field s" type="number" min={0} step={1} value={valueOf("Stock")} onChange={set("Stock")} /></dd>
          </>
        ) : (
          Object.entries(document.items).map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt className="cut">{name}</dt>
              <dd className="wrap">{texts(value).join(", ")}</dd>
            </div>
          ))
        )}
      </dl>
    </form>
  );
}
