import "./runs.css";

import { useCallback, useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { useLive } from "../../api/LiveProvider";
import type { FlowDocument, RunDetail } from "../../api/types";
import type { EdgeLook, NodeDress } from "../../canvas/cards";
import { FlowCanvas } from "../../canvas/FlowCanvas";
import { useI18n } from "../../i18n";
import { clock, durationText, exactInstant } from "../../lib/format";
import { RunPill } from "../../runs/RunPill";
import { useRun } from "../../runs/useRun";
import { edgeState, isOver, nodeViews, type RunView } from "../../runs/view";
import { waterfall } from "../../runs/waterfall";
import { useHere } from "../../session/session";
import { Icon } from "../../ui/Icon";
import { Failure, Loading } from "../../ui/parts";
import { useTitle } from "../../ui/useTitle";
import { useNow } from "../../ui/useNow";
import { nodeDress } from "./dress";
import { ErrorCard } from "./ErrorCard";
import { RunActions } from "./RunActions";
import { RunChain } from "./RunChain";
import { StepPanel } from "./StepPanel";
import { UnresolvedCard } from "./UnresolvedCard";
import { Waterfall } from "./Waterfall";

export function RunPage() {
  const { id = "" } = useParams();
  return <Run key={id} id={id} />;
}

function Run({ id }: { readonly id: string }) {
  const { detail, view, error, reload } = useRun(id);
  useFamily(detail, reload);
  const { t } = useI18n();
  useTitle(detail === undefined || detail.business_key === "" ? id.slice(0, 8) : detail.business_key, detail?.flow.name ?? "", t("nav.runs"));
  if (detail === undefined) {
    return error === null ? <Loading lines={8} /> : <Failure page error={error} retry={reload} />;
  }
  return <Shown run={detail} view={view} />;
}

/** Reads the run again when one of its replays moves, or a new one is made. */
function useFamily(run: RunDetail | undefined, reload: () => void): void {
  const { environment } = useHere();
  const over = run !== undefined && isOver(run.state);
  useLive(over ? `runs:${environment.slug}` : null, null, ({ event }) => {
    if (typeof event === "object" && event !== null && "replay_of" in event && event.replay_of === run?.id) reload();
  });
}

/** The node that a reader most likely wants to see first. */
function interesting(view: RunView, document: FlowDocument): string | null {
  const failed = view.steps.find((one) => one.state === "failed");
  if (failed !== undefined) return failed.node;
  const active = view.steps.find((one) => one.state === "running" || one.state === "waiting");
  if (active !== undefined) return active.node;
  return view.steps.findLast((one) => one.receipt !== null)?.node ?? document.nodes[0]?.id ?? null;
}

function Shown({ run, view }: { readonly run: RunDetail; readonly view: RunView }) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const { href } = useHere();
  const [params, setParams] = useSearchParams();
  const state = view.seq > 0 && !isOver(run.state) ? view.state : run.state;
  const over = isOver(state);
  const now = useNow(over ? 60_000 : 250);
  const nodes = useMemo(() => nodeViews(view, run.document), [view, run.document]);
  const chart = useMemo(() => waterfall(view, now), [view, now]);

  const wanted = params.get("node");
  const selected = run.document.nodes.some((one) => one.id === wanted) ? wanted : interesting(view, run.document);
  const path = params.get("item") ?? "";
  const select = (node: string | null, item = "") =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (node === null) next.delete("node");
        else next.set("node", node);
        if (item === "") next.delete("item");
        else next.set("item", item);
        return next;
      },
      { replace: true },
    );

  const dress = useCallback((id: string): NodeDress => nodeDress(nodes.get(id), i18n), [nodes, i18n]);
  const look = useCallback(
    (edge: { readonly from: string; readonly port: string; readonly to: string }): EdgeLook => {
      const state = edgeState(edge, nodes, over);
      return state === "idle" ? "plain" : state;
    },
    [nodes, over],
  );

  const retries = view.steps.reduce((sum, one) => sum + Math.max(0, one.attempts.length - 1), 0);
  const started = view.startedAt ?? run.started_at;
  const ended = view.endedAt ?? run.ended_at;
  const lasted = started === null ? null : (ended === null ? now : Date.parse(ended)) - Date.parse(started);
  const took = run.duration_ms ?? lasted;
  const key = run.business_key === "" ? run.id.slice(0, 8) : run.business_key;
  const facts = [
    started === null ? "" : clock(started, locale),
    took === null ? "" : durationText(took, locale),
    retries === 0 ? "" : t("runs.retries", { count: retries }),
  ].filter((one) => one !== "");
  const doubts = run.state === "dead" && run.resolved_at === null ? run.unresolved : [];
  const failure = state === "waiting" || state === "running" ? null : (view.error ?? run.error);

  return (
    <div className="fill">
      <div className="sub">
        <Link className="crumb" to={href("/runs")}>{t("nav.runs")}</Link>
        <span className="crumbsep"><Icon name="right" size={12} /></span>
        <h1 className="cut">{key}</h1>
        <span data-run-state={state}><RunPill state={state} large /></span>
        <span className="small t2 cut" title={started === null ? undefined : exactInstant(started, locale)}>
          <Link className="hov" to={href(`/flows/${run.flow.slug}?version=${run.version}`)}>{run.flow.name} v{run.version}</Link>
          {facts.map((one) => ` · ${one}`)}
        </span>
        <div className="grow" />
        {view.outcome !== "" && <span className="small t2 cut">{view.outcome}</span>}
        <Link className="btn s fold" title={t("run.openFlow")} to={href(`/flows/${run.flow.slug}?version=${run.version}${selected === null ? "" : `&node=${selected}`}`)}>
          <Icon name="flow" size={14} />
          <span>{t("run.openFlow")}</span>
        </Link>
        <RunActions run={run} view={view} state={state} />
      </div>
      <RunChain run={run} view={view} />
      <div className="runpage">
        <div className="runleft">
          <FlowCanvas
            document={run.document}
            bound={run.connections}
            selected={selected}
            onSelect={(node) => select(node)}
            dress={dress}
            edgeLook={look}
            note={t("run.readOnly", { number: run.version })}
          />
          <Waterfall chart={chart} document={run.document} selected={selected} onSelect={select} />
        </div>
        <aside className="rp" aria-label={t("run.details")}>
          {doubts.length > 0
            ? doubts.map((one) => <UnresolvedCard key={`${one.node} ${one.path}`} run={run} fact={one} />)
            : failure !== null && <ErrorCard error={failure} document={run.document} />}
          <StepPanel run={run} view={view} node={selected} path={path} onSelect={select} />
        </aside>
      </div>
    </div>
  );
}
