import "./home.css";

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { homeQuery } from "../../api/queries";
import type { CardStatus, Home, HomeCard, HomeChange } from "../../api/types";
import { connectorLooks, connectorName } from "../../canvas/looks";
import { ConnectionPill } from "../../connections/ConnectionPill";
import { systemWords } from "../../connections/words";
import { useI18n } from "../../i18n";
import { duration, durationText } from "../../lib/format";
import { useLiveRuns } from "../../runs/useLiveRuns";
import { useHere } from "../../session/session";
import { Icon, type IconName } from "../../ui/Icon";
import { Empty, Failure, Loading, Pill, Tile, Time, type Tone } from "../../ui/parts";
import { needs, sentence, sparkPath, totals, type Need } from "./story";

export function HomePage() {
  const { t } = useI18n();
  const { environment } = useHere();
  useLiveRuns(environment.slug);
  const { data, error, refetch, dataUpdatedAt } = useQuery(homeQuery(environment.slug));
  if (data === undefined) {
    return (
      <div className="page">
        {error === null ? <Loading lines={8} /> : <Failure page error={error} retry={() => void refetch()} />}
      </div>
    );
  }
  return (
    <div className="page home">
      <Head home={data} updatedAt={dataUpdatedAt} />
      {data.cards.length === 0 ? (
        <NothingYet />
      ) : (
        <div className="cards">
          {data.cards.map((one) => (
            <FlowCard key={one.flow} card={one} />
          ))}
        </div>
      )}
      <div className="low">
        <div className="lc">
          <NeedsYou home={data} />
          <Connections home={data} />
        </div>
        <section className="card" aria-labelledby="changes">
          <header><h2 id="changes" className="grow">{t("home.changes")}</h2></header>
          {data.changes.length === 0 ? (
            <Empty icon="clock" title={t("home.changes.none")} />
          ) : (
            <ul className="chg">
              {data.changes.map((one, index) => (
                <Change key={`${one.at}.${index}`} change={one} />
              ))}
            </ul>
          )}
        </section>
      </div>
    </div>
  );
}

function Head({ home, updatedAt }: { readonly home: Home; readonly updatedAt: number }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { confirmed, records } = totals(home.cards);
  return (
    <div className="pagehead">
      <div className="grow">
        <h1>{sentence(home, i18n)}</h1>
        <p>
          {records === 0 ? t("home.noRecords") : t("home.confirmedOf", { confirmed, total: records })} · {t("home.checked")}{" "}
          <Time at={new Date(updatedAt).toISOString()} />
        </p>
      </div>
    </div>
  );
}

function NothingYet() {
  const { t } = useI18n();
  const { demo, href } = useHere();
  return (
    <section className="card">
      <Empty icon="flow" title={t("home.empty")} text={t("home.empty.text")}>
        <div className="row">
          {demo && (
            <Link className="btn pri" to={href("/sandbox")}>
              <Icon name="sandbox" size={14} />
              {t("home.empty.sandbox")}
            </Link>
          )}
          <Link className="btn" to={href("/connections")}>
            <Icon name="plug" size={14} />
            {t("nav.connections")}
          </Link>
        </div>
      </Empty>
    </section>
  );
}

const STATUS: { readonly [S in CardStatus]: { readonly tone: Tone; readonly icon: IconName } } = {
  flowing: { tone: "ok", icon: "check" },
  idle: { tone: "idle", icon: "minus" },
  delayed: { tone: "warn", icon: "clock" },
  failing: { tone: "err", icon: "failed" },
};

function End({ connector }: { readonly connector: string | null }) {
  if (connector === null) return <Tile hue="logic" icon="flow" size="s" />;
  const looks = connectorLooks(connector);
  return <Tile hue={looks.hue} icon={looks.icon} size="s" label={connectorName(connector)} />;
}

function FlowCard({ card }: { readonly card: HomeCard }) {
  const { t, locale } = useI18n();
  const { href } = useHere();
  const { tone, icon } = STATUS[card.status];
  const lag = card.lag_ms === null ? null : duration(card.lag_ms, locale);
  const { receipts } = card;
  const runsOf = `/runs?flow=${encodeURIComponent(card.flow)}`;
  const kinds = [
    ["ok", t("receipt.confirmed"), receipts.confirmed],
    ["ab", t("receipt.absorbed"), receipts.absorbed],
    ["dv", t("receipt.diverged"), receipts.diverged],
  ] as const;
  const arrived = receipts.confirmed + receipts.absorbed + receipts.diverged;
  return (
    <section className={`card fc ${card.status}`} aria-labelledby={`card-${card.flow}`}>
      <div className="hd">
        <End connector={card.from} />
        <span className="t3"><Icon name="arrowRight" size={14} /></span>
        <End connector={card.to} />
        <div className="grow" />
        <Pill tone={tone} icon={icon}>{t(`card.${card.status}`)}</Pill>
      </div>
      <h2 className="h3 cut" id={`card-${card.flow}`}>
        <Link to={href(`/flows/${card.flow}`)}>{card.name}</Link>
      </h2>
      <div className="mt">
        <b>{lag?.value ?? "–"}</b>
        {lag !== null && <span>{lag.unit}</span>}
      </div>
      <p className="small t2 cut">{lagWords(card, t, locale)}</p>
      <Spark values={card.spark} tone={tone === "idle" ? "ok" : tone} label={t("card.spark")} />
      <div className="ax micro t3">
        <span>{t("card.dayAgo")}</span>
        <span>{t("card.today", { count: card.today })}</span>
        <span>{t("card.now")}</span>
      </div>
      <div className="bar" aria-hidden="true">
        {arrived === 0 && <i className="none" style={{ flex: 1 }} />}
        {kinds.map(([kind, , count]) => count > 0 && <i key={kind} className={kind} style={{ flex: Math.max(count, arrived * 0.012) }} />)}
      </div>
      <dl className="rc small">
        {kinds.map(([kind, label, count]) => (
          <div key={kind}>
            <dt><i className={kind} /><span className="cut">{label}</span></dt>
            <dd>{new Intl.NumberFormat(locale).format(count)}</dd>
          </div>
        ))}
      </dl>
      <div className="ft small">
        <Link className="t2 hov" to={href(runsOf)}>{t("card.runs")}</Link>
        {card.errors > 0 ? (
          <Link className="link ferr" to={href(`${runsOf}&state=failed,dead`)}>{t("card.errors", { count: card.errors })}</Link>
        ) : (
          <span className="t3">{t("card.errors", { count: 0 })}</span>
        )}
      </div>
    </section>
  );
}

function lagWords(card: HomeCard, t: ReturnType<typeof useI18n>["t"], locale: string): string {
  if (card.lag_ms === null) return t("card.noLag");
  if (card.status === "delayed") return t("card.waiting");
  const names = {
    from: card.from === null ? t("card.start") : connectorName(card.from),
    to: card.to === null ? t("card.end") : connectorName(card.to),
  };
  const p95 = card.lag_p95_ms;
  if (p95 !== null && p95 !== undefined) return t("card.lag95", { ...names, p95: durationText(p95, locale) });
  const worst = card.lag_max_ms;
  if (worst !== null && worst !== undefined) return t("card.lagMax", { ...names, worst: durationText(worst, locale) });
  return t("card.lag", names);
}

function Spark({ values, tone, label }: { readonly values: readonly number[]; readonly tone: Tone; readonly label: string }) {
  const { line, area, end } = sparkPath(values, 250, 44);
  const colour = `var(--${tone}-solid)`;
  return (
    <svg className="sp" width="100%" height="44" viewBox="0 0 250 44" preserveAspectRatio="none" role="img" aria-label={`${label}: ${values.join(", ")}`}>
      <path d={area} fill={colour} opacity=".12" />
      <path d={line} fill="none" stroke={colour} strokeWidth="1.5" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
      {end !== "" && (
        <path d={`M${end}v.01`} stroke={colour} strokeWidth="6" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
      )}
    </svg>
  );
}

function NeedsYou({ home }: { readonly home: Home }) {
  const { t } = useI18n();
  const found = needs(home);
  if (found.length === 0) return null;
  return (
    <section className="card" aria-labelledby="needs">
      <header>
        <h2 id="needs" className="grow">{t("needs.title")}</h2>
        <span className="small t3" style={{ paddingRight: 8 }}>{t("needs.order")}</span>
      </header>
      <ul className="needs">
        {found.map((one) => (
          <NeedRow key={`${one.kind}.${one.name}`} need={one} />
        ))}
      </ul>
    </section>
  );
}

function NeedRow({ need }: { readonly need: Need }) {
  const { t } = useI18n();
  const { href } = useHere();
  const row = (tone: string, icon: IconName, title: string, text: string, since: string | null, to: string, action: string) => (
    <li>
      <span className={`nt ${tone}`}><Icon name={icon} /></span>
      <div className="grow">
        <div className="med cut">{title}</div>
        <div className="small t2 cut" title={text}>{text}</div>
      </div>
      {since !== null && <Time at={since} className="small t3 nowrap" />}
      <Link className="btn" to={href(to)}>{action}</Link>
    </li>
  );
  switch (need.kind) {
    case "connection":
      return row("err", "plug", t("needs.connection", { name: need.name }), need.message, need.since, `/connections?connection=${need.slug}`, t("needs.connection.do"));
    case "late":
      return row("warn", "clock", t("needs.late", { name: need.name }), t("needs.late.text"), need.since, `/runs?flow=${need.flow}&state=pending,running,waiting`, t("needs.runs.do"));
    case "errors":
      return row("err", "alert", t("needs.errors", { count: need.count, name: need.name }), t("needs.errors.text"), null, `/runs?flow=${need.flow}&state=failed,dead`, t("needs.runs.do"));
  }
}

function Connections({ home }: { readonly home: Home }) {
  const { t } = useI18n();
  const { href } = useHere();
  return (
    <section className="card" aria-labelledby="systems">
      <header>
        <h2 id="systems" className="grow">{t("nav.connections")}</h2>
        {home.connections.length > 0 && (
          <Link className="btn ghost xs" to={href("/connections")}>
            {t("home.connections.all", { count: home.connections.length })}
            <Icon name="right" size={14} />
          </Link>
        )}
      </header>
      {home.connections.length === 0 ? (
        <Empty icon="plug" title={t("connections.empty")} text={t("connections.empty.text")} />
      ) : (
        <div className="tablewrap">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("connections.system")}</th>
                <th scope="col">{t("connections.state")}</th>
                <th scope="col" className="num">{t("connections.checked")}</th>
              </tr>
            </thead>
            <tbody>
              {home.connections.map((one) => {
                const looks = connectorLooks(one.connector);
                return (
                  <tr key={one.slug} className="hit">
                    <td>
                      <div className="row">
                        <Tile hue={looks.hue} icon={looks.icon} size="s" />
                        <Link className="tablelink" to={href(`/connections?connection=${one.slug}`)}>{one.name}</Link>
                        <span className="small t2 cut">{systemWords(one)}</span>
                      </div>
                    </td>
                    <td><ConnectionPill state={one.state} circuit={one.circuit} /></td>
                    <td className="num small t2">{one.checked_at === null ? t("connections.never") : <Time at={one.checked_at} />}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const CHANGE_ICONS: { readonly [kind: string]: readonly [IconName, string] } = {
  deployed: ["arrowUp", "ok"],
  published: ["layers", ""],
};

function Change({ change }: { readonly change: HomeChange }) {
  const [icon, tone] = CHANGE_ICONS[change.kind] ?? ["info", ""];
  return (
    <li>
      <span className={`nt ${tone}`}><Icon name={icon} size={14} /></span>
      <div className="grow">
        <div className="med">{change.title}</div>
        {change.detail !== "" && <div className="small t2">{change.detail}</div>}
        {change.who !== null && <div className="small t2">{change.who}</div>}
      </div>
      <Time at={change.at} className="small t3 nowrap" />
    </li>
  );
}
