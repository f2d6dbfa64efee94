/** The newest run, node by node, while it happens. */

import { Link } from "react-router";

import type { FlowNode, RunDetail, RunRow } from "../../api/types";
import { nodeLooks, useCatalog } from "../../canvas/looks";
import { useI18n } from "../../i18n";
import { durationText } from "../../lib/format";
import { RunPill } from "../../runs/RunPill";
import { useRun } from "../../runs/useRun";
import { isOver, nodeViews, type NodeView, type RunView, type StepState } from "../../runs/view";
import { useHere } from "../../session/session";
import { Icon, type IconName } from "../../ui/Icon";
import { Pill, Tile } from "../../ui/parts";
import { useNow } from "../../ui/useNow";

export function LiveStrip({ row }: { readonly row: RunRow | undefined }) {
  const { t } = useI18n();
  if (row === undefined) {
    return (
      <section className="live idle" aria-label={t("strip.title")}>
        <Pill tone="idle" icon="clock">{t("strip.quiet")}</Pill>
        <span className="t2">{t("strip.quiet.text")}</span>
      </section>
    );
  }
  return <Strip key={row.id} row={row} />;
}

const ICONS: { readonly [S in StepState]: readonly [IconName, string] } = {
  succeeded: ["check", "fok"],
  failed: ["failed", "ferr"],
  running: ["spinner", "frun"],
  waiting: ["clock", "frun"],
  skipped: ["minus", "t3"],
  pending: ["minus", "t3"],
};

function Strip({ row }: { readonly row: RunRow }) {
  const { t, locale } = useI18n();
  const { href } = useHere();
  const { detail, view } = useRun(row.id);
  const state = view.seq > 0 ? view.state : row.state;
  const over = isOver(state);
  const now = useNow(over ? 60_000 : 200);
  const started = view.startedAt ?? row.started_at;
  const ended = view.endedAt ?? row.ended_at;
  const ms = started === null ? null : (ended === null ? now : Date.parse(ended)) - Date.parse(started);
  return (
    <section className="live" aria-label={t("strip.title")}>
      <div className="row">
        {over ? <RunPill state={state} /> : <Pill tone="run" icon="spinner" spin>{t("strip.live")}</Pill>}
        <span className="semi">{row.flow.name}</span>
        <span className="t2 cut">
          {row.business_key}
          {ms !== null && `, ${over ? t("strip.took", { time: durationText(ms, locale) }) : t("strip.soFar", { time: durationText(ms, locale) })}`}
        </span>
        <span className="grow" />
        <Link className="link small nowrap" to={href(`/runs/${row.id}`)}>{t("strip.open")}</Link>
      </div>
      {detail !== undefined && <Nodes run={detail} view={view} />}
    </section>
  );
}

function Nodes({ run, view }: { readonly run: RunDetail; readonly view: RunView }) {
  const nodes = nodeViews(view, run.document);
  return (
    <ol className={run.document.nodes.length > 7 ? "mf many" : "mf"}>
      {run.document.nodes.map((one) => (
        <Chip key={one.id} node={one} view={nodes.get(one.id)} />
      ))}
    </ol>
  );
}

function Chip({ node, view }: { readonly node: FlowNode; readonly view: NodeView | undefined }) {
  const { t } = useI18n();
  const catalog = useCatalog();
  const looks = nodeLooks(node.type, catalog);
  const state = view?.state ?? "pending";
  const [icon, tone] = ICONS[state];
  return (
    <li className={`mn ${state}`} data-node={node.id} data-state={state} aria-label={`${node.name}, ${t(`step.${state}`)}`} title={`${node.name}: ${t(`step.${state}`)}`}>
      <Tile hue={looks.hue} icon={looks.icon} size="xs" />
      <span className="nm2">{node.name}</span>
      <span className={tone}><Icon name={icon} size={16} spin={state === "running"} /></span>
    </li>
  );
}
