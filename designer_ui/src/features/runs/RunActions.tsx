/** What a person can do about a run, by its state; and how it hangs together with others. */

import { useState } from "react";
import { Link } from "react-router";

import type { RunDetail, RunState } from "../../api/types";
import { useI18n } from "../../i18n";
import { RunPill } from "../../runs/RunPill";
import { isOver, type RunView } from "../../runs/view";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { Time } from "../../ui/parts";
import { ReplayDialog } from "./ReplayDialog";
import { CancelDialog, SolveDialog } from "./SolveDialog";
import { NOTHING, type Edit } from "./wish";

type Open = { readonly what: "replay"; readonly edit: Edit } | { readonly what: "solve" } | { readonly what: "cancel" };

export function RunActions({ run, view, state }: { readonly run: RunDetail; readonly view: RunView; readonly state: RunState }) {
  const { t } = useI18n();
  const { permissions } = useHere();
  const [open, setOpen] = useState<Open | null>(null);
  const reason = permissions.includes("start_runs") ? null : t("runs.mayNotStart");
  const close = () => setOpen(null);
  const troubled = state === "dead" || state === "failed";
  const open_ = troubled && run.resolved_at === null;
  const underWay = run.replays.some((one) => !isOver(one.state));
  const noReplay = reason ?? (underWay ? t("replay.underWay") : null);
  const noEdit = noReplay ?? (permissions.includes("read_payloads") ? null : t("replay.mayNotEdit"));
  return (
    <>
      {(state === "pending" || state === "waiting") && (
        <ActionButton icon="close" small reason={reason} onClick={() => setOpen({ what: "cancel" })}>{t("cancel.button")}</ActionButton>
      )}
      {open_ && (
        <ActionButton icon="tick" small reason={reason} onClick={() => setOpen({ what: "solve" })}>{t("solve.button")}</ActionButton>
      )}
      {troubled && (
        <ActionButton icon="pencil" small reason={noEdit} onClick={() => setOpen({ what: "replay", edit: { what: "trigger" } })}>
          {t("replay.edit.button")}
        </ActionButton>
      )}
      {isOver(state) && (
        <ActionButton icon="retry" small kind={open_ && run.unresolved.length === 0 ? "pri" : ""} reason={noReplay} onClick={() => setOpen({ what: "replay", edit: NOTHING })}>
          {t("replay.button")}
        </ActionButton>
      )}
      {open?.what === "replay" && <ReplayDialog run={run} view={view} edit={open.edit} from="" onClose={close} />}
      {open?.what === "solve" && <SolveDialog run={run} onClose={close} />}
      {open?.what === "cancel" && <CancelDialog run={run} onClose={close} />}
    </>
  );
}

/** "Replay of run …", "replayed as run …", "solved by …": nothing when the run stands alone. */
export function RunChain({ run, view }: { readonly run: RunDetail; readonly view: RunView }) {
  const { t } = useI18n();
  const { href } = useHere();
  const solved = run.resolved_at !== null && run.resolved_note !== "replayed";
  if (run.replay_of === null && run.replays.length === 0 && !solved) return null;
  return (
    <ul className="chain" aria-label={t("chain.title")}>
      {run.replay_of !== null && (
        <li>
          <Icon name="undo" size={14} />
          {t("chain.of")} <Link className="link mono" to={href(`/runs/${run.replay_of}`)}>{shortId(run.replay_of)}</Link>
          {view.verdict !== null && <span className="t2">{t(view.verdict ? "chain.happened" : "chain.didNot")}</span>}
        </li>
      )}
      {run.replays.map((one) => (
        <li key={one.id}>
          <Icon name="retry" size={14} />
          {t("chain.as")} <Link className="link mono" to={href(`/runs/${one.id}`)}>{shortId(one.id)}</Link>
          <RunPill state={one.state} />
        </li>
      ))}
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

/** Ids begin with their time: their ends tell them apart. */
function shortId(id: string): string {
  return id.slice(-8);
}
