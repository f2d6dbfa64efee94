import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { runsQuery, type RunFilter } from "../api/queries";
import type { RunRow } from "../api/types";
import { useI18n } from "../i18n";
import { durationText } from "../lib/format";
import { useHere } from "../session/session";
import { Icon } from "../ui/Icon";
import { Empty, Failure, Loading, Pill, Time } from "../ui/parts";
import { RunPill } from "./RunPill";
import { useLiveRuns } from "./useLiveRuns";

/** Runs by what is asked for, newest first, renewed while looked at. */
export function RunsTable({ filter, filtered, ofFlow = false }: { readonly filter: RunFilter; readonly filtered: boolean; readonly ofFlow?: boolean }) {
  const { t } = useI18n();
  const { environment, demo, href } = useHere();
  useLiveRuns(environment.slug);
  const query = useInfiniteQuery({ ...runsQuery(environment.slug, filter), placeholderData: keepPreviousData });
  if (query.data === undefined) {
    return query.error === null ? <Loading lines={6} /> : <Failure error={query.error} retry={() => void query.refetch()} />;
  }
  const rows = query.data.pages.flatMap((page) => page.results);
  if (rows.length === 0) {
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
              <Row key={one.id} run={one} ofFlow={ofFlow} />
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

function Row({ run, ofFlow }: { readonly run: RunRow; readonly ofFlow: boolean }) {
  const { t, locale } = useI18n();
  const { href } = useHere();
  const { confirmed, absorbed, diverged } = run.receipts;
  const arrived = confirmed + absorbed;
  return (
    <tr className="hit">
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
      <td><RunPill state={run.state} /></td>
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
