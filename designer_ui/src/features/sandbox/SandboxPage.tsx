import "./sandbox.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { api } from "../../api/client";
import { homeQuery, sandboxQuery } from "../../api/queries";
import type { HomeCard, Page, RunRow } from "../../api/types";
import { useI18n } from "../../i18n";
import { durationText } from "../../lib/format";
import { useLiveRuns } from "../../runs/useLiveRuns";
import { useHere } from "../../session/session";
import { Icon, Logo } from "../../ui/Icon";
import { Failure, Loading, Modal, Notice } from "../../ui/parts";
import { BreakPane, type Happening } from "./BreakPane";
import { LiveStrip } from "./LiveStrip";
import { asView, NotesPane } from "./NotesPane";
import { ShopPane } from "./ShopPane";
import { TourCard } from "./TourCard";
import { useTour } from "./useTour";

const LOOK_EVERY = 1_500;
const HAPPENINGS = 6;

export function SandboxPage() {
  const { t } = useI18n();
  const { environment } = useHere();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [happened, setHappened] = useState<readonly Happening[]>([]);
  const [asking, setAsking] = useState(false);

  const sandbox = useQuery({ ...sandboxQuery, refetchInterval: LOOK_EVERY });
  const home = useQuery(homeQuery(environment.slug));
  const runs = useQuery({
    queryKey: ["newest", environment.slug],
    queryFn: ({ signal }) => api.get<Page<RunRow>>("/runs", { environment: environment.slug }, signal),
    refetchInterval: LOOK_EVERY * 2,
  });

  useLiveRuns(environment.slug, (row) => {
    client.setQueryData<Page<RunRow>>(["newest", environment.slug], (old) => {
      if (old === undefined) return old;
      const rest = old.results.filter((one) => one.id !== row.id);
      return { ...old, results: [row, ...rest].sort((left, right) => right.created_at.localeCompare(left.created_at)) };
    });
    const key = `${row.flow.name} ${row.business_key}`;
    setHappened((old) => {
      const id = `${row.id}.${row.state}`;
      if (old.some((one) => one.id === id) || row.state === "pending" || row.state === "running") return old;
      const text = `${key}: ${t(`run.state.${row.state}`)}`;
      return [{ id, at: new Date().toISOString(), text }, ...old].slice(0, HAPPENINGS);
    });
    if (row.state === "succeeded") void client.invalidateQueries({ queryKey: sandboxQuery.queryKey });
  });

  const { tour, act } = useTour(sandbox.data, params.get("document"));
  const happen = (text: string) => {
    const at = new Date().toISOString();
    setHappened((old) => [{ id: `${at}.${text}`, at, text }, ...old].slice(0, HAPPENINGS));
  };

  const set = (name: string, value: string | null) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );

  return (
    <div className="fill">
      <div className="sub">
        <h1>{t("nav.sandbox")}</h1>
        <span className="small t2 cut">{t("sandbox.text")}</span>
        <div className="grow" />
        <button type="button" className="btn s ghost" onClick={() => setAsking(true)}>
          <Icon name="undo" size={14} />
          {t("sandbox.reset")}
        </button>
        <button type="button" className="btn s" onClick={() => act({ kind: "restart" })}>
          <Icon name="flag" size={14} />
          {t("tour.restart")}
        </button>
      </div>
      {tour.step !== null && sandbox.data !== undefined && <TourCard tour={tour} step={tour.step} onAct={act} />}
      {sandbox.data === undefined ? (
        sandbox.error === null ? <Loading lines={8} /> : <Failure error={sandbox.error} retry={() => void sandbox.refetch()} />
      ) : (
        <div className="sbx">
          <ShopPane
            shop={sandbox.data.shop}
            onPlaced={(reference) => {
              act({ kind: "placed", order: reference });
              happen(t("break.ordered", { order: reference }));
            }}
          />
          <Bridge cards={home.data?.cards ?? []} />
          <NotesPane
            notes={sandbox.data.notes}
            view={asView(params.get("view"))}
            unid={params.get("document")}
            onView={(view) => set("view", view)}
            onOpen={(unid) => set("document", unid)}
          />
          <BreakPane sandbox={sandbox.data} happened={happened} onHappen={happen} />
          <LiveStrip row={runs.data?.results[0]} onOpen={() => act({ kind: "opened" })} />
        </div>
      )}
      {asking && (
        <ResetDialog
          onClose={() => setAsking(false)}
          onReset={() => {
            // The order that the tour followed is gone.
            if (tour.step !== null) act({ kind: "restart" });
            happen(t("sandbox.reset.done"));
          }}
        />
      )}
    </div>
  );
}

/** What goes from left to right and back, with the time the last one took. */
function Bridge({ cards }: { readonly cards: readonly HomeCard[] }) {
  const { locale } = useI18n();
  const there = cards.filter((one) => one.from === "prestashop" && one.to === "notes");
  const back = cards.filter((one) => one.from === "notes" && one.to === "prestashop");
  const way = (card: HomeCard, right: boolean) => (
    <div className={right ? "flw there" : "flw back"} key={card.flow}>
      <span className="med fn" title={card.name}>{card.name}</span>
      <svg width="56" height="10" viewBox="0 0 56 10" aria-hidden="true" focusable="false">
        <path d={right ? "M0 5h54M50 1l4 4-4 4" : "M56 5H2M6 1 2 5l4 4"} fill="none" stroke="currentColor" strokeWidth="1.800" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <span className="t2 tn">{card.lag_ms === null ? "–" : durationText(card.lag_ms, locale)}</span>
    </div>
  );
  return (
    <div className="bridge">
      {there.map((one) => way(one, true))}
      <span className="hub"><Logo /></span>
      {back.map((one) => way(one, false))}
    </div>
  );
}

function ResetDialog({ onClose, onReset }: { readonly onClose: () => void; readonly onReset: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const reset = useMutation({
    mutationFn: () => api.post<unknown>("/sandbox/reset"),
    onSuccess: async () => {
      onReset();
      await client.invalidateQueries({ queryKey: ["sandbox"] });
      onClose();
    },
  });
  return (
    <Modal label={t("sandbox.reset")} className="help" onClose={onClose}>
      <h2 className="h3">{t("sandbox.reset.ask")}</h2>
      <p className="t2" style={{ margin: "8px 0 16px" }}>{t("sandbox.reset.text")}</p>
      {reset.error !== null && <Notice error={reset.error} />}
      <div className="row" style={{ justifyContent: "flex-end", marginTop: 16 }}>
        <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
        <button type="button" className="btn pri" disabled={reset.isPending} onClick={() => reset.mutate()}>{t("sandbox.reset.do")}</button>
      </div>
    </Modal>
  );
}

