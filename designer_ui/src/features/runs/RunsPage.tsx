import "./runs.css";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { ATTENTION, flowsQuery } from "../../api/queries";
import type { RunRow, RunState } from "../../api/types";
import { useI18n, type MessageKey } from "../../i18n";
import { RunsTable } from "../../runs/RunsTable";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { BulkDialog } from "./BulkDialog";
import { BulkProgress, BulksUnderWay } from "./BulkProgress";
import type { BulkWish } from "./bulk";

const STATES: readonly (readonly [string, MessageKey])[] = [
  [ATTENTION, "runs.filter.attention"],
  ["pending,running,waiting", "runs.filter.active"],
  ["waiting", "run.state.waiting"],
  ["succeeded", "run.state.succeeded"],
  ["failed,dead", "runs.filter.failed"],
  ["dead", "runs.filter.dead"],
  ["cancelled" satisfies RunState, "run.state.cancelled"],
];

const NOTHING: ReadonlyMap<string, RunRow> = new Map();

export function RunsPage() {
  const { t } = useI18n();
  const { environment, permissions } = useHere();
  const [params, setParams] = useSearchParams();
  const flows = useQuery(flowsQuery(environment.slug));
  const filter = {
    flow: params.get("flow") ?? "",
    state: params.get("state") ?? "",
    q: params.get("q") ?? "",
    bulk: params.get("bulk") ?? "",
  };
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
  // Choosing is offered where dead letters are what one looks for.
  const looking = [ATTENTION, "dead", "failed,dead"].includes(filter.state);
  const place = JSON.stringify([environment.slug, filter]);
  const [choice, setChoice] = useState<{ readonly place: string; readonly rows: ReadonlyMap<string, RunRow> }>({ place, rows: new Map() });
  const chosen = choice.place === place ? choice.rows : NOTHING;
  const choose = (rows: readonly RunRow[], take: boolean) => {
    const next = new Map(chosen);
    for (const one of rows) {
      if (take) next.set(one.id, one);
      else next.delete(one.id);
    }
    setChoice({ place, rows: next });
  };
  const [bulk, setBulk] = useState<BulkWish | null>(null);
  const mayNot = permissions.includes("start_runs") ? null : t("runs.mayNotStart");
  const filtered = filter.flow !== "" || filter.state !== "" || filter.q !== "" || filter.bulk !== "";
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.runs")}</h1>
          <p>{t("runs.text")}</p>
        </div>
      </div>
      {filter.bulk === "" ? <BulksUnderWay /> : <BulkProgress key={filter.bulk} id={filter.bulk} state={filter.state} onState={(state) => set("state", state)} onClose={() => set("bulk", "")} />}
      <section className="card">
        <div className="filters" role="search">
          <label className="field" style={{ flex: "0 1 280px" }}>
            <Icon name="search" size={14} />
            <span className="sr">{t("runs.search")}</span>
            <input type="search" placeholder={t("runs.search")} value={filter.q} onChange={(event) => set("q", event.target.value)} />
          </label>
          <label>
            <span className="sr">{t("runs.flow")}</span>
            <select className="field" value={filter.flow} onChange={(event) => set("flow", event.target.value)}>
              <option value="">{t("runs.allFlows")}</option>
              {flows.data?.map((one) => (
                <option key={one.slug} value={one.slug}>{one.name}</option>
              ))}
            </select>
          </label>
          <label>
            <span className="sr">{t("runs.state")}</span>
            <select className="field" value={filter.state} onChange={(event) => set("state", event.target.value)}>
              <option value="">{t("runs.allStates")}</option>
              {STATES.map(([value, key]) => (
                <option key={value} value={value}>{t(key)}</option>
              ))}
            </select>
          </label>
          {filtered && (
            <button
              type="button"
              className="btn ghost"
              onClick={() => {
                setParams((old) => {
                  const next = new URLSearchParams(old);
                  for (const name of ["flow", "state", "q"]) next.delete(name);
                  return next;
                });
              }}
            >
              <Icon name="close" size={14} />
              {t("runs.clear")}
            </button>
          )}
          {filter.state === ATTENTION && (
            <>
              <span className="grow" />
              <ActionButton icon="play" reason={mayNot} onClick={() => setBulk({ runs: [], flow: filter.flow, q: filter.q })}>
                {t("bulk.all")}
              </ActionButton>
            </>
          )}
        </div>
        <RunsTable
          filter={filter}
          filtered={filtered}
          choice={looking ? { chosen: new Set(chosen.keys()), onChoose: choose } : null}
        />
      </section>
      {looking && chosen.size > 0 && (
        <div className="choicebar" role="region" aria-label={t("bulk.bar")}>
          <div className="grow">
            <span className="semi">{t("bulk.chosen", { count: chosen.size })}</span> <span className="t2 wide">{t("bulk.bar.text")}</span>
          </div>
          <button type="button" className="btn" onClick={() => choose([...chosen.values()], false)}>{t("bulk.clear")}</button>
          <ActionButton icon="play" kind="pri" reason={mayNot} onClick={() => setBulk({ runs: [...chosen.keys()], flow: "", q: "" })}>
            {t("bulk.replay", { count: chosen.size })}
          </ActionButton>
        </div>
      )}
      {bulk !== null && (
        <BulkDialog wish={bulk} onClose={() => setBulk(null)} />
      )}
    </div>
  );
}
