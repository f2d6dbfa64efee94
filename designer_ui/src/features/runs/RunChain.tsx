/** How a run hangs together with others: replays, calls, dead letters of its loop items. */

import type { ReactNode } from "react";
import { Link } from "react-router";

import type { RelatedRun } from "../../api/relatedRuns";
import type { RunDetail, RunState } from "../../api/types";
import { useI18n } from "../../i18n";
import { RunPill } from "../../runs/RunPill";
import type { RunView } from "../../runs/view";
import { useHere } from "../../session/session";
import { Icon } from "../../ui/Icon";
import { Time } from "../../ui/parts";

/** So many of one kind are shown; the REST API lists up to 200. */
const SHOWN = 8;

/** "Replay of run …", "called by …", "solved by …": nothing when the run stands alone. */
export function RunChain({ run, view }: { readonly run: RunDetail; readonly view: RunView }) {
  const { t } = useI18n();
  const solved = run.resolved_at !== null && run.resolved_note !== "replayed";
  const alone = run.replay_of === null && run.replays.length + run.calls.length + run.failed_items.length === 0 && run.called_by === null;
  if (alone && !solved) return null;
  return (
    <ul className="chain" aria-label={t("chain.title")}>
      {run.called_by !== null && <Called one={run.called_by} words={run.chunk === "" ? t("chain.calledBy") : t("chain.partOf", { chunk: run.chunk })} icon="undo" />}
      {run.replay_of !== null && (
        <li>
          <Icon name="undo" size={14} />
          {run.item === "" ? t("chain.of") : t("chain.itemOf", { item: run.item })} <RunLink id={run.replay_of} />
          {view.verdict !== null && <span className="t2">{t(view.verdict ? "chain.happened" : "chain.didNot")}</span>}
        </li>
      )}
      {run.replays.map((one) => (
        <Other key={one.id} id={one.id} state={one.state} icon="retry">{t("chain.as")}</Other>
      ))}
      {run.calls.slice(0, SHOWN).map((one) => (
        <Called key={`${one.node} ${one.path}`} one={one} words={one.node.endsWith(":chunk") ? t("chain.part") : t("chain.calls")} icon="right" />
      ))}
      <More count={run.calls.length} />
      {run.failed_items.slice(0, SHOWN).map((one) => (
        <Other key={one.id} id={one.id} state={one.state} icon="alert" settled={one.resolved_at !== null}>
          {t("chain.item", { item: one.item })}
        </Other>
      ))}
      <More count={run.failed_items.length} />
      {solved && run.resolved_at !== null && (
        <li className="grow">
          <span className="fok"><Icon name="check" size={14} /></span>
          <span className="cut" title={run.resolved_note === "" ? undefined : run.resolved_note}>
            {t("chain.solved", { who: run.resolved_by })} <Time at={run.resolved_at} className="t2" />
            {run.resolved_note !== "" && <>: <span className="t2">{run.resolved_note}</span></>}
          </span>
        </li>
      )}
    </ul>
  );
}

function Called({ one, words, icon }: { readonly one: RelatedRun; readonly words: string; readonly icon: "undo" | "right" }) {
  return (
    <Other id={one.id} state={one.state} icon={icon}>
      {words} <b>{one.flow}</b>{one.path !== "" && <span className="t2 mono"> {one.path}</span>}
    </Other>
  );
}

function Other({ id, state, icon, settled = false, children }: {
  readonly id: string;
  readonly state: RunState;
  readonly icon: "undo" | "right" | "retry" | "alert";
  readonly settled?: boolean;
  readonly children: ReactNode;
}) {
  const { t } = useI18n();
  return (
    <li>
      <Icon name={icon} size={14} />
      {children} <RunLink id={id} />
      {settled ? <span className="t2">{t("chain.settled")}</span> : <RunPill state={state} />}
    </li>
  );
}

function More({ count }: { readonly count: number }) {
  const { t } = useI18n();
  return count > SHOWN ? <li className="t2">{t("chain.more", { count: count - SHOWN })}</li> : null;
}

/** Ids begin with their time: their ends tell them apart. */
function RunLink({ id }: { readonly id: string }) {
  const { href } = useHere();
  return <Link className="link mono" to={href(`/runs/${id}`)}>{id.slice(-8)}</Link>;
}
