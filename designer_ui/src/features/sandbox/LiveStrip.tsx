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

export function LiveStrip({ row, onOpen }: { readonly row: RunRow | undefined; readonly onOpen: () => void }) {
  const { t } = useI18n();
  if (row === undefined) {
    return (
      <section className="live idle" data-tour="watch run" aria-label={t("strip.title")}>
        <Pill tone="idle" icon="clock">{t("strip.quiet")}</Pill>
        <span className="t2">{t("strip.quiet.text")}</span>
      </section>
    );
  }
  return <Strip key={row.id} row={row} onOpen={onOpen} />;
}

const ICONS: { readonly [S in StepState]: readonly [IconName, string] } = {
  succeeded: ["check", "fok"],
  failed: ["failed", "ferr"],
  running: ["spinner", "frun"],
  waiting: ["clock", "frun"],
  stopped: ["stop", "t3"],
  skipped: ["minus", "t3"],
  apart: ["layers", "t3"],
  pending: ["minus", "t3"],
};

function Strip({ row, onOpen }: { readonly row: RunRow; readonly onOpen: () => void }) {
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
    <section className="live" data-tour="watch" aria-label={t("strip.title")}>
      <div className="row">
        {over ? <RunPill state={state} /> : <Pill tone="run" icon="spinner" spin>{t("strip.live")}</Pill>}
        <span className="semi">{row.flow.name}</span>
        <span className="t2 cut">
          {row.business_key}
          {ms !== null && `, ${over ? t("strip.took", { time: durationText(ms, locale) }) : t("strip.soFar", { time: durationText(ms, locale) })}`}
        </span>
        <span className="grow" />
        <Link className="link small nowrap" data-tour="run" onClick={onOpen} to={href(`/runs/${row.id}`)}>{t("strip.open")}</Link>
      </div>
      {detail !== undefined && <Nodes run={detail} view={view} />}
    </section>
  );
}

/** More nodes than this have no room for their names: then their states show, names on hover. */
const MOST_NAMED = 12;

function Nodes({ run, view }: { readonly run: RunDetail; readonly view: RunView }) {
  const { t } = useI18n();
  const nodes = nodeViews(view, run.document);
  const count = run.document.nodes.length;
  const size = count > MOST_NAMED ? "tiny" : count > 7 ? "many" : "";
  return (
    <ol className={`mf ${size}`.trim()} tabIndex={size === "tiny" ? 0 : undefined} aria-label={t("strip.nodes")}>
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
