/** How far a bulk replay has come, and what came of it; renewed while something of it moves. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";

import { api } from "../../api/client";
import { bulkQuery, bulksQuery } from "../../api/queries";
import type { BulkDetail } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Icon, type IconName } from "../../ui/Icon";
import { Failure, Loading, Notice, Pill, Time, type Tone } from "../../ui/parts";
import { arrivals, stillMoves } from "./bulk";

const EVERY = 1_000;
const SELDOM = 5_000;

interface Props {
  readonly id: string;
  /** The state that the list below shows; "" for all. */
  readonly state: string;
  readonly onState: (state: string) => void;
  readonly onClose: () => void;
}

export function BulkProgress(props: Props) {
  const { environment } = useHere();
  const client = useQueryClient();
  const query = useQuery({
    ...bulkQuery(props.id),
    refetchInterval: ({ state }) => (state.data !== undefined && stillMoves(state.data) ? EVERY : false),
  });
  const bulk = query.data;
  // The list below knows of new runs only when it is asked.
  const made = bulk?.replayed ?? 0;
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["runs", environment.slug] });
  }, [client, environment.slug, made]);
  if (bulk === undefined) {
    return (
      <section className="card">
        {query.error === null ? <Loading lines={2} /> : <Failure error={query.error} retry={() => void query.refetch()} />}
      </section>
    );
  }
  return <Card {...props} bulk={bulk} />;
}

const LOOKS: { readonly [S in BulkDetail["state"]]: readonly [Tone, IconName] } = {
  running: ["run", "spinner"],
  done: ["ok", "check"],
  cancelled: ["idle", "minus"],
};

const CAME: { readonly [what: string]: readonly [Tone, IconName] } = {
  failed: ["err", "alert"],
  active: ["run", "clock"],
  succeeded: ["ok", "check"],
  cancelled: ["idle", "minus"],
};

function Card({ bulk, state, onState, onClose }: Props & { readonly bulk: BulkDetail }) {
  const { t } = useI18n();
  const { permissions } = useHere();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api.post<BulkDetail>(`/replays/${encodeURIComponent(bulk.id)}/cancel`),
    onSuccess: (stopped) => client.setQueryData(bulkQuery(bulk.id).queryKey, stopped),
  });
  const [tone, icon] = LOOKS[bulk.state];
  const done = bulk.total - bulk.waiting;
  const width = (count: number): string => `${bulk.total === 0 ? 0 : (100 * count) / bulk.total}%`;
  const running = bulk.state === "running";
  const about = [t("bulk.by", { who: bulk.created_by }), bulk.version === null ? "" : t("bulk.inVersion", { number: bulk.version })].filter((one) => one !== "").join(" ");
  return (
    <section className="card bulkcard" aria-label={t("bulk.card")}>
      <div className="head">
        <h2 className="h3">{t("bulk.card")}</h2>
        <Pill tone={tone} icon={icon} spin={running}>{t(`bulk.state.${bulk.state}`)}</Pill>
        <span className="small t2 cut grow">
          {about} · <Time at={bulk.created_at} />
        </span>
        {running && (
          <ActionButton icon="close" small busy={cancel.isPending} reason={permissions.includes("start_runs") ? null : t("runs.mayNotStart")} onClick={() => cancel.mutate()}>
            {t("bulk.cancel")}
          </ActionButton>
        )}
        <button type="button" className="btn ghost s sq" aria-label={t("bulk.hide")} title={t("bulk.hide")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {cancel.error !== null && <Notice error={cancel.error} />}
      {bulk.problem !== "" && <p className="ferr">{bulk.problem}</p>}
      <div
        className="bulkbar"
        role="progressbar"
        aria-label={t("bulk.card")}
        aria-valuemin={0}
        aria-valuemax={bulk.total}
        aria-valuenow={done}
        aria-valuetext={t("bulk.progress", { done, total: bulk.total })}
      >
        {bulk.replayed > 0 && <i className="ok" style={{ width: width(bulk.replayed) }} />}
        {bulk.left_out > 0 && <i className="idle" style={{ width: width(bulk.left_out) }} />}
        {bulk.refused > 0 && <i className="err" style={{ width: width(bulk.refused) }} />}
      </div>
      <div className="bulkfacts small">
        <span className="med">{t("bulk.progress", { done, total: bulk.total })}</span>
        {bulk.replayed > 0 && <span className="lg"><i className="ok" />{t("bulk.replayed", { count: bulk.replayed })}</span>}
        {bulk.left_out > 0 && <span className="lg" title={t("bulk.leftOut.text")}><i className="idle" />{t("bulk.leftOut", { count: bulk.left_out })}</span>}
        {bulk.refused > 0 && <span className="lg"><i className="err" />{t("bulk.refused", { count: bulk.refused })}</span>}
        {bulk.waiting > 0 && <span className="lg"><i className="rest" />{t(running ? "bulk.waiting" : "bulk.stays", { count: bulk.waiting })}</span>}
        {bulk.replayed > 0 && (
          <span className="came">
            <span className="t2">{t("bulk.came")}</span>
            {arrivals(bulk).map((one) => {
              const [colour, sign] = CAME[one.what] ?? ["idle", "info"];
              return (
                <button key={one.what} type="button" className="pillbtn" aria-pressed={state === one.state} onClick={() => onState(state === one.state ? "" : one.state)}>
                  <Pill tone={colour} icon={sign}>{t(`bulk.came.${one.what}`, { count: one.count })}</Pill>
                </button>
              );
            })}
          </span>
        )}
      </div>
      {bulk.problems.length > 0 && <Refusals problems={bulk.problems} />}
    </section>
  );
}

function Refusals({ problems }: { readonly problems: BulkDetail["problems"] }) {
  const { t } = useI18n();
  const { href } = useHere();
  return (
    <details>
      <summary className="small">{t("bulk.refusals")}</summary>
      <ul className="hints small" style={{ marginTop: 8 }}>
        {problems.map((one) => (
          <li key={one.run}>
            <Link className="link" to={href(`/runs/${one.run}`)}>{one.business_key === "" ? one.run.slice(-8) : one.business_key}</Link>
            <span className="wrap">{one.message}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A line for each bulk replay that is under way, so that nobody starts another one over it. */
export function BulksUnderWay() {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const query = useQuery({ ...bulksQuery(environment.slug), refetchInterval: SELDOM });
  const running = (query.data ?? []).filter((one) => one.state === "running");
  return running.map((one) => (
    <div key={one.id} className="underway" role="status">
      <Icon name="spinner" spin />
      <span className="grow">
        {t("bulk.underWay", { done: one.total - one.waiting, total: one.total })} <span className="small">{t("bulk.by", { who: one.created_by })}</span>
      </span>
      <Link className="link" to={href(`/runs?bulk=${one.id}`)}>{t("bulk.watch")}</Link>
    </div>
  ));
}
