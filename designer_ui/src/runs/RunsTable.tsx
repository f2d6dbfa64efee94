import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { runsQuery, type RunFilter } from "../api/queries";
import type { RunRow } from "../api/types";
import { useI18n } from "../i18n";
import { durationText } from "../lib/format";
import { useHere } from "../session/session";
import { Icon } from "../ui/Icon";
import { Empty, Failure, Loading, Pill, Time } from "../ui/parts";
import { needsAttention } from "./rows";
import { RunPill } from "./RunPill";
import { useLiveRuns } from "./useLiveRuns";

/** Runs by what is asked for, newest first, renewed while looked at. */
export interface Choice {
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (rows: readonly RunRow[], chosen: boolean) => void;
}

export function RunsTable({
  filter,
  filtered,
  ofFlow = false,
  choice = null,
}: {
  readonly filter: RunFilter;
  readonly filtered: boolean;
  readonly ofFlow?: boolean;
  /** Dead letters may be chosen; null: nothing may. */
  readonly choice?: Choice | null;
}) {
  const { t } = useI18n();
  const { environment, demo, href } = useHere();
  useLiveRuns(environment.slug);
  const query = useInfiniteQuery({ ...runsQuery(environment.slug, filter), placeholderData: keepPreviousData });
  if (query.data === undefined) {
    return query.error === null ? <Loading lines={6} /> : <Failure error={query.error} retry={() => void query.refetch()} />;
  }
  const rows = query.data.pages.flatMap((page) => page.results);
  const open = rows.filter(needsAttention);
  const chosen = choice === null ? [] : open.filter((one) => choice.chosen.has(one.id));
  if (rows.length === 0) {
    if (filter.bulk !== "" && filter.state === "" && filter.q === "") {
      return <Empty icon="clock" title={t("bulk.empty")} text={t("bulk.empty.text")} />;
    }
    return filtered ? (
      <Empty icon="search" title={t("runs.noneFound")} text={t("runs.noneFound.text")} />
    ) : (
      <Empty icon="play" title={t("runs.empty")} text={t("runs.empty.text")}>
        {demo && <Link className="btn" to={href("/sandbox")}>{t("home.empty.sandbox")}</Link>}
      </Empty>
    );
  }
  return (
    <>
      <div className="tablewrap">
        <table>
          <thead>
            <tr>
              {choice !== null && (
                <th scope="col" className="tick">
                  <Tick
                    label={t("runs.chooseAll")}
                    checked={open.length > 0 && chosen.length === open.length}
                    some={chosen.length > 0 && chosen.length < open.length}
                    disabled={open.length === 0}
                    onChange={(checked) => choice.onChoose(open, checked)}
                  />
                </th>
              )}
              <th scope="col">{t("runs.record")}</th>
              {!ofFlow && <th scope="col" className="wide">{t("runs.flow")}</th>}
              <th scope="col">{t("runs.state")}</th>
              <th scope="col" className="wide">{t("runs.result")}</th>
              <th scope="col" className="wide">{t("runs.receipts")}</th>
              <th scope="col" className="num wide">{t("runs.took")}</th>
              <th scope="col" className="num">{t("runs.when")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <Row key={one.id} run={one} ofFlow={ofFlow} choice={choice} />
            ))}
          </tbody>
        </table>
      </div>
      {query.hasNextPage && (
        <div className="more">
          <button type="button" className="btn s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage && <Icon name="spinner" size={14} spin />}
            {t("runs.more")}
          </button>
        </div>
      )}
    </>
  );
}

function Tick({
  label,
  checked,
  some = false,
  disabled = false,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly some?: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <label className="tickbox">
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        disabled={disabled}
        ref={(element) => {
          if (element !== null) element.indeterminate = some;
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
    </label>
  );
}

function Row({ run, ofFlow, choice }: { readonly run: RunRow; readonly ofFlow: boolean; readonly choice: Choice | null }) {
  const { t, locale } = useI18n();
  const { href } = useHere();
  const { confirmed, absorbed, diverged } = run.receipts;
  const arrived = confirmed + absorbed;
  return (
    <tr className={choice?.chosen.has(run.id) === true ? "hit chosen" : "hit"}>
      {choice !== null && (
        <td className="tick">
          {needsAttention(run) && (
            <Tick
              label={t("runs.choose", { name: run.business_key === "" ? run.id.slice(0, 8) : run.business_key })}
              checked={choice.chosen.has(run.id)}
              onChange={(checked) => choice.onChoose([run], checked)}
            />
          )}
        </td>
      )}
      <td>
        <Link className="tablelink" to={href(`/runs/${run.id}`)}>{run.business_key === "" ? run.id.slice(0, 8) : run.business_key}</Link>
        {!ofFlow && <div className="narrow small t2">{run.flow.name}</div>}
      </td>
      {!ofFlow && (
        <td className="t2 wide flowcell">
          <div className="row" style={{ gap: 4 }} title={run.flow.name}>
            <span className="cut">{run.flow.name}</span> <span className="t3">v{run.version}</span>
          </div>
        </td>
      )}
      <td>
        <span className="row" style={{ gap: 6 }}>
          <RunPill state={run.state} />
          {run.resolved_at !== null && <Pill tone="ok" icon="check">{t("runs.solved")}</Pill>}
        </span>
      </td>
      <td className="t2 result wide">
        <div className="cut" title={run.error?.message ?? run.outcome}>
          {run.error === null ? run.outcome : <span className="ferr">{run.error.message}</span>}
        </div>
      </td>
      <td className="wide">
        <span className="row">
          {diverged > 0 && <Pill tone="err" icon="alert">{t("runs.diverged", { count: diverged })}</Pill>}
          {arrived > 0 && <Pill tone="ok" icon="receipt">{t("runs.confirmed", { count: arrived })}</Pill>}
          {arrived + diverged === 0 && <span className="t3">–</span>}
        </span>
      </td>
      <td className="num t2 nowrap wide">{run.duration_ms === null ? "–" : durationText(run.duration_ms, locale)}</td>
      <td className="num small t2 nowrap"><Time at={run.created_at} /></td>
    </tr>
  );
}
