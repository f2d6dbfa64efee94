import "./runs.css";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { flowsQuery } from "../../api/queries";
import type { RunState } from "../../api/types";
import { useI18n, type MessageKey } from "../../i18n";
import { RunsTable } from "../../runs/RunsTable";
import { useHere } from "../../session/session";
import { Icon } from "../../ui/Icon";

const STATES: readonly (readonly [string, MessageKey])[] = [
  ["pending,running", "runs.filter.active"],
  ["waiting", "run.state.waiting"],
  ["succeeded", "run.state.succeeded"],
  ["failed,dead", "runs.filter.failed"],
  ["dead", "runs.filter.dead"],
  ["cancelled" satisfies RunState, "run.state.cancelled"],
];

export function RunsPage() {
  const { t } = useI18n();
  const { environment } = useHere();
  const [params, setParams] = useSearchParams();
  const flows = useQuery(flowsQuery(environment.slug));
  const filter = {
    flow: params.get("flow") ?? "",
    state: params.get("state") ?? "",
    q: params.get("q") ?? "",
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
  const filtered = filter.flow !== "" || filter.state !== "" || filter.q !== "";
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.runs")}</h1>
          <p>{t("runs.text")}</p>
        </div>
      </div>
      <section className="card">
        <div className="filters" role="search">
          <label className="field" style={{ width: 280 }}>
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
        </div>
        <RunsTable filter={filter} filtered={filtered} />
      </section>
    </div>
  );
}
