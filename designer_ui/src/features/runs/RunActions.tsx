/** What a person can do about a run, by its state. */

import { useState } from "react";

import type { RunDetail, RunState } from "../../api/types";
import { useI18n } from "../../i18n";
import { isOver, type RunView } from "../../runs/view";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
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
