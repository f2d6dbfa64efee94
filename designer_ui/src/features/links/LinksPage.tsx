import "../../sync/sync.css";
import "./links.css";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useSearchParams } from "react-router";

import { linksQuery } from "../../api/syncQueries";
import type { LinkState } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading } from "../../ui/parts";
import { useSettled } from "../../ui/useSettled";
import { LinksTable } from "./LinksTable";
import { STATES } from "./looks";
import { NewLinkDialog } from "./NewLinkDialog";
import { PairsDialog } from "./PairsDialog";

/** Every pair of records that Causeway keeps the same, to browse and to search. */
export function LinksPage() {
  const { t } = useI18n();
  const { environment, permissions } = useHere();
  const [params, setParams] = useSearchParams();
  const entities = useId();
  const filter = { q: params.get("q") ?? "", entity: params.get("entity") ?? "", state: params.get("state") ?? "" };
  const set = (name: string, value: string) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const asked = { q: useSettled(filter.q.trim(), 200), entity: useSettled(filter.entity.trim(), 200), state: filter.state };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(linksQuery(environment.slug, asked));
  const found = data?.pages.flatMap((page) => page.results) ?? [];
  const known = [...new Set(found.map((one) => one.entity))].sort();
  const filtered = filter.q !== "" || filter.entity !== "" || filter.state !== "";
  const [dialog, setDialog] = useState<"new" | "pairs" | null>(null);
  const mayNot = permissions.includes("start_runs") ? null : t("links.mayNot");
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.links")}</h1>
          <p>{t("links.text")}</p>
        </div>
        <button type="button" className="btn" onClick={() => setDialog("pairs")}><Icon name="page" size={14} />{t("links.pairs")}</button>
        <ActionButton kind="pri" icon="link" reason={mayNot} onClick={() => setDialog("new")}>{t("links.new")}</ActionButton>
      </div>
      <section className="card">
        <div className="filters" role="search">
          <label className="field" style={{ flex: "0 1 280px" }}>
            <Icon name="search" size={14} />
            <span className="sr">{t("links.search")}</span>
            <input type="search" placeholder={t("links.search")} value={filter.q} onChange={(event) => set("q", event.target.value)} />
          </label>
          <label className="field" style={{ flex: "0 1 180px" }}>
            <span className="sr">{t("sync.entity")}</span>
            <input list={entities} placeholder={t("sync.allEntities")} value={filter.entity} onChange={(event) => set("entity", event.target.value)} />
            <datalist id={entities}>{known.map((one) => <option key={one} value={one} />)}</datalist>
          </label>
          <label>
            <span className="sr">{t("links.state")}</span>
            <select className="field" value={filter.state} onChange={(event) => set("state", event.target.value)}>
              <option value="">{t("runs.allStates")}</option>
              {(Object.keys(STATES) as LinkState[]).map((one) => <option key={one} value={one}>{t(`links.state.${one}`)}</option>)}
            </select>
          </label>
          {filtered && (
            <button type="button" className="btn ghost" onClick={() => setParams((old) => { const next = new URLSearchParams(old); for (const name of ["q", "entity", "state"]) next.delete(name); return next; })}>
              <Icon name="close" size={14} />
              {t("runs.clear")}
            </button>
          )}
        </div>
        {data === undefined ? (
          error === null ? <Loading lines={6} /> : <Failure error={error} retry={() => void refetch()} />
        ) : found.length === 0 ? (
          <Empty icon="link" title={t(filtered ? "links.noneFound" : "links.empty")} text={t(filtered ? "links.noneFound.text" : "links.empty.text")} />
        ) : (
          <LinksTable links={found} />
        )}
        {hasNextPage && <div className="more"><button type="button" className="btn" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("runs.more")}</button></div>}
      </section>
      {dialog === "new" && <NewLinkDialog entity={filter.entity} onClose={() => setDialog(null)} />}
      {dialog === "pairs" && <PairsDialog entity={filter.entity === "" ? (known.length === 1 ? (known[0] ?? "") : "") : filter.entity} entities={known} onClose={() => setDialog(null)} />}
    </div>
  );
}
