import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";

import { flowsQuery } from "../../api/queries";
import { connectorLooks, connectorName } from "../../canvas/looks";
import { useI18n } from "../../i18n";
import { useLiveRuns } from "../../runs/useLiveRuns";
import { useHere } from "../../session/session";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading, Pill, Tile, Time } from "../../ui/parts";

const NewFlowDialog = lazy(() => import("./NewFlowDialog"));

export function FlowsPage() {
  const { t, locale } = useI18n();
  const { environment, href, permissions } = useHere();
  const [making, setMaking] = useState(false);
  useLiveRuns(environment.slug);
  const { data, error, refetch } = useQuery(flowsQuery(environment.slug));
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.flows")}</h1>
          <p>{t("flows.text")}</p>
        </div>
        {permissions.includes("edit_flows") && (
          <button type="button" className="btn pri" onClick={() => setMaking(true)}>
            <Icon name="plus" size={14} />
            {t("flows.new")}
          </button>
        )}
      </div>
      {making && <Suspense><NewFlowDialog flows={data ?? []} onClose={() => setMaking(false)} /></Suspense>}
      <section className="card">
        {data === undefined ? (
          error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />
        ) : data.length === 0 ? (
          <Empty icon="flow" title={t("flows.empty")} text={t("flows.empty.text")} />
        ) : (
          <div className="tablewrap">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("flows.name")}</th>
                  <th scope="col">{t("flows.systems")}</th>
                  <th scope="col">{t("flows.deployed", { name: environment.name })}</th>
                  <th scope="col" className="num">{t("flows.today")}</th>
                  <th scope="col" className="num">{t("flows.failed")}</th>
                  <th scope="col" className="num">{t("flows.lastRun")}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((one) => (
                  <tr key={one.slug} className="hit">
                    <td style={{ height: 56, paddingBlock: 8 }}>
                      <Link className="tablelink" to={href(`/flows/${one.slug}`)}>{one.name}</Link>
                      <div className="small t2">{one.description}</div>
                    </td>
                    <td>
                      <span className="row" style={{ gap: 4 }}>
                        {one.connectors.map((id) => {
                          const looks = connectorLooks(id);
                          return <Tile key={id} hue={looks.hue} icon={looks.icon} size="s" label={connectorName(id)} />;
                        })}
                      </span>
                    </td>
                    <td>
                      {one.deployed === null ? (
                        <Pill tone="idle" icon="minus">{t("flows.notDeployed")}</Pill>
                      ) : (
                        <Pill tone="ok" icon="check">v{one.deployed.version}</Pill>
                      )}
                    </td>
                    <td className="num">{new Intl.NumberFormat(locale).format(one.today.succeeded)}</td>
                    <td className="num">
                      {one.today.failed > 0 ? <span className="ferr semi">{one.today.failed}</span> : <span className="t3">0</span>}
                    </td>
                    <td className="num small t2 nowrap">{one.last_run_at === null ? t("flows.neverRan") : <Time at={one.last_run_at} />}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}
