import "./flow.css";

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { flowQuery, versionQuery } from "../../api/queries";
import type { FlowDetail, FlowDocument, FlowVersion } from "../../api/types";
import { FlowCanvas } from "../../canvas/FlowCanvas";
import { useI18n } from "../../i18n";
import { RunsTable } from "../../runs/RunsTable";
import { useHere } from "../../session/session";
import { Icon } from "../../ui/Icon";
import { Failure, Loading, Pill, Tabs, Time } from "../../ui/parts";
import { useTitle } from "../../ui/useTitle";
import { NodeInspector } from "./NodeInspector";

// Who only looks does not load what edits.
const Editor = lazy(() => import("./editor/Editor"));

type Tab = "design" | "runs" | "versions";

function asTab(value: string | null): Tab {
  return value === "runs" || value === "versions" ? value : "design";
}

export function FlowPage() {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const { slug = "" } = useParams();
  const [params, setParams] = useSearchParams();
  const { data: flow, error, refetch } = useQuery(flowQuery(slug, environment.slug));
  useTitle(flow?.name ?? slug, t("nav.flows"));
  const tab = asTab(params.get("tab"));
  const number = Number(params.get("version") ?? 0);
  const [bar, setBar] = useState<HTMLElement | null>(null);
  const set = useCallback(
    (changes: { readonly [name: string]: string | null }) =>
      setParams(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [name, value] of Object.entries(changes)) {
            if (value === null || value === "") next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: Object.keys(changes).includes("node") },
      ),
    [setParams],
  );
  const onNode = useCallback((node: string | null) => set({ node }), [set]);
  return (
    <div className="fill">
      <div className="sub">
        <Link className="crumb" to={href("/flows")}>{t("nav.flows")}</Link>
        <span className="crumbsep"><Icon name="right" size={12} /></span>
        <h1 className="cut" title={flow?.name}>{flow?.name ?? slug}</h1>
        <Tabs
          label={t("flow.tabs")}
          value={tab}
          onChange={(next) => set({ tab: next === "design" ? null : next })}
          options={[
            { value: "design", label: t("flow.design") },
            { value: "runs", label: t("nav.runs") },
            { value: "versions", label: t("flow.versions") },
          ]}
        />
        <div className="grow" />
        {flow !== undefined && <Deployed flow={flow} />}
        <div className="ebar" ref={setBar} />
      </div>
      {flow === undefined ? (
        error === null ? <Loading lines={8} /> : <Failure error={error} retry={() => void refetch()} />
      ) : tab === "runs" ? (
        <div className="page">
          <section className="card">
            <RunsTable filter={{ flow: slug, state: "", q: "", bulk: "" }} filtered={false} ofFlow />
          </section>
        </div>
      ) : tab === "versions" ? (
        <Versions flow={flow} onOpen={(version) => set({ tab: null, version: String(version), node: null })} />
      ) : (
        <Design
          flow={flow}
          number={number > 0 ? number : null}
          node={params.get("node")}
          onNode={onNode}
          bar={bar}
          onLatest={() => set({ version: null, node: null })}
        />
      )}
    </div>
  );
}

function Deployed({ flow }: { readonly flow: FlowDetail }) {
  const { t } = useI18n();
  const { environment } = useHere();
  if (flow.deployed === null) return <Pill tone="idle" icon="minus" large>{t("flow.notDeployed", { name: environment.name })}</Pill>;
  return (
    <Pill tone="ok" icon="check" large>
      {t("flow.deployed", { number: flow.deployed.version, name: environment.name })}
    </Pill>
  );
}

function Design({
  flow,
  number,
  node,
  onNode,
  onLatest,
  bar,
}: {
  readonly flow: FlowDetail;
  readonly number: number | null;
  readonly node: string | null;
  readonly onNode: (node: string | null) => void;
  readonly onLatest: () => void;
  readonly bar: HTMLElement | null;
}) {
  const { t } = useI18n();
  const { permissions } = useHere();
  const older = number !== null && number !== flow.latest_version;
  const version = useQuery({ ...versionQuery(flow.slug, number ?? 0), enabled: older });
  const document: FlowDocument | undefined = older ? version.data?.document : flow.document;
  if (document === undefined) {
    return version.error === null ? <Loading lines={8} /> : <Failure error={version.error} retry={() => void version.refetch()} />;
  }
  if (!older && permissions.includes("edit_flows")) {
    return (
      <Suspense fallback={<Loading lines={8} />}>
        <Editor key={flow.slug} flow={flow} node={node} onNode={onNode} bar={bar} />
      </Suspense>
    );
  }
  const chosen = document.nodes.find((one) => one.id === node);
  return (
    <div className="design">
      <div className="fill" style={{ flex: 1, minWidth: 0 }}>
        {older && (
          <div className="oldbar">
            <Icon name="info" size={14} />
            <span className="grow">{t("flow.older", { number })}</span>
            <button type="button" className="btn xs" onClick={onLatest}>{t("flow.showLatest")}</button>
          </div>
        )}
        <FlowCanvas
          document={document}
          selected={chosen?.id ?? null}
          onSelect={onNode}
          note={t("flow.readOnly", { number: older ? number : (flow.latest_version ?? 1) })}
        />
      </div>
      {chosen !== undefined && <NodeInspector key={chosen.id} node={chosen} document={document} onClose={() => onNode(null)} />}
    </div>
  );
}

function Versions({ flow, onOpen }: { readonly flow: FlowDetail; readonly onOpen: (number: number) => void }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const isDeployed = (one: FlowVersion): boolean => flow.deployed?.version === one.number;
  return (
    <div className="page">
      <section className="card">
        <div className="tablewrap">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("flow.version")}</th>
                <th scope="col">{t("flow.note")}</th>
                <th scope="col">{t("flow.who")}</th>
                <th scope="col">{t("flow.digest")}</th>
                <th scope="col" className="num">{t("flow.when")}</th>
                <th scope="col"><span className="sr">{t("flow.open")}</span></th>
              </tr>
            </thead>
            <tbody>
              {flow.versions.map((one) => (
                <tr key={one.number}>
                  <td>
                    <span className="row">
                      <span className="semi tn">v{one.number}</span>
                      {isDeployed(one) && <Pill tone="ok" icon="check">{environment.name}</Pill>}
                    </span>
                  </td>
                  <td className="t2">{one.note}</td>
                  <td className="t2">{one.created_by ?? "–"}</td>
                  <td><code className="mono small t2" title={one.digest}>{one.digest.slice(0, 12)}</code></td>
                  <td className="num small t2 nowrap"><Time at={one.created_at} /></td>
                  <td className="num">
                    <button type="button" className="btn xs" aria-label={t("flow.openVersion", { number: one.number })} onClick={() => onOpen(one.number)}>
                      {t("flow.open")}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
}
