/** What Causeway asks of the far side: how much, against what it bears, and for what. */

import { useQuery } from "@tanstack/react-query";

import { catalogQuery, loadQuery } from "../../api/queries";
import type { Asked, Connection, Load } from "../../api/types";
import { useI18n } from "../../i18n";
import { count, durationText } from "../../lib/format";
import { useHere } from "../../session/session";
import { Failure, Loading } from "../../ui/parts";
import { bars, limitOf, shares } from "./load";

export function LoadCard({ connection }: { readonly connection: Connection }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const { data, error, refetch } = useQuery({ ...loadQuery(environment.slug, connection.slug), refetchInterval: 15_000 });
  return (
    <>
      <h3 className="label">{t("connections.load")}</h3>
      {data === undefined ? (
        error === null ? <Loading lines={2} /> : <Failure error={error} retry={() => void refetch()} />
      ) : data.day.requests === 0 ? (
        <p className="small t3">{t("connections.load.none")}</p>
      ) : (
        <Figures load={data} />
      )}
    </>
  );
}

function Figures({ load }: { readonly load: Load }) {
  const { t, locale } = useI18n();
  const { data: catalog } = useQuery(catalogQuery);
  const titles = new Map((catalog?.node_types ?? []).map((one) => [one.type, one.title]));
  const title = (type: string): string => (type === "check" ? t("connections.load.check") : (titles.get(type) ?? type));
  const limit = limitOf(load);
  return (
    <>
      <dl className="load">
        <Figure label={t("connections.load.minute")} asked={load.minute} />
        <Figure label={t("connections.load.hour")} asked={load.hour} />
        <Figure label={t("connections.load.day")} asked={load.day} />
      </dl>
      <p className="small t2">
        {limit === null
          ? t("connections.load.noLimit")
          : t(limit.learnt ? "connections.load.learnt" : "connections.load.cap", { count: count(limit.perMinute, locale) })}
        {load.day.throttled > 0 && ` ${t("connections.load.throttled", { count: count(load.day.throttled, locale) })}`}
        {load.day.failed > 0 && ` ${t("connections.load.failed", { count: count(load.day.failed, locale) })}`}
      </p>
      <div className="bars" role="img" aria-label={t("connections.load.series", { count: count(load.hour.requests, locale) })}>
        {bars(load.minutes).map((height, place) => <span key={place} style={{ height: `${height}%` }} />)}
      </div>
      <table className="shares small">
        <thead>
          <tr>
            <th scope="col">{t("connections.load.operation")}</th>
            <th scope="col" className="num">{t("connections.load.requests")}</th>
            <th scope="col" className="num">{t("connections.load.share")}</th>
            <th scope="col" className="num">{t("connections.load.mean")}</th>
          </tr>
        </thead>
        <tbody>
          {shares(load, t("connections.load.others")).map((one) => (
            <tr key={one.operation}>
              <th scope="row" title={one.operation}>{title(one.operation)}</th>
              <td className="num">{count(one.requests, locale)}</td>
              <td className="num">{one.share.toLocaleString(locale, { maximumFractionDigits: 1 })} %</td>
              <td className="num">{one.mean_ms === null ? "–" : durationText(one.mean_ms, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Figure({ label, asked }: { readonly label: string; readonly asked: Asked }) {
  const { t, locale } = useI18n();
  return (
    <div>
      <dt className="small t2">{label}</dt>
      <dd>
        <span className="metric">{count(asked.requests, locale)}</span>
        {asked.mean_ms !== null && <span className="small t2"> {t("connections.load.each", { duration: durationText(asked.mean_ms, locale) })}</span>}
      </dd>
    </div>
  );
}
