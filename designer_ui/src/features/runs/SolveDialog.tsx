/** Marks a run as solved, or calls one off: a sentence about what that means, and the act. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { runQuery } from "../../api/queries";
import type { RunDetail } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled, useFirstFocus } from "../../ui/Dialog";
import { Notice } from "../../ui/parts";

interface Props {
  readonly run: RunDetail;
  readonly onClose: () => void;
}

const LONGEST_NOTE = 500;

function useAct(run: RunDetail, act: (body: { readonly note?: string }) => Promise<RunDetail>, onClose: () => void) {
  const client = useQueryClient();
  const { environment } = useHere();
  return useMutation({
    mutationFn: act,
    onSuccess: (detail) => {
      client.setQueryData(runQuery(run.id).queryKey, detail);
      void client.invalidateQueries({ queryKey: ["runs", environment.slug] });
      onClose();
    },
  });
}

const pathOf = (run: RunDetail, verb: string): string => `/runs/${encodeURIComponent(run.id)}/${verb}`;
const nameOf = (run: RunDetail): string => (run.business_key === "" ? run.id.slice(0, 8) : run.business_key);

export function SolveDialog({ run, onClose }: Props) {
  const { t } = useI18n();
  const [note, setNote] = useState("");
  const focus = useFirstFocus<HTMLTextAreaElement>();
  const solve = useAct(run, (body) => api.post<RunDetail>(pathOf(run, "resolve"), body), onClose);
  return (
    <Dialog
      title={t("solve.title", { name: nameOf(run) })}
      text={t("solve.text")}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton icon="tick" kind="pri" busy={solve.isPending} onClick={() => solve.mutate({ note: note.trim() })}>
            {t("solve.do")}
          </ActionButton>
        </>
      }
    >
      {solve.error !== null && <Notice error={solve.error} />}
      <Labelled label={t("solve.note")} hint={t("solve.note.hint")}>
        {(ids) => <textarea {...ids} ref={focus} className="field area" rows={3} maxLength={LONGEST_NOTE} value={note} onChange={(event) => setNote(event.target.value)} />}
      </Labelled>
    </Dialog>
  );
}

export function CancelDialog({ run, onClose }: Props) {
  const { t } = useI18n();
  const cancel = useAct(run, () => api.post<RunDetail>(pathOf(run, "cancel")), onClose);
  return (
    <Dialog
      title={t("cancel.title", { name: nameOf(run) })}
      text={t("cancel.text")}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("cancel.keep")}</button></form>
          <ActionButton icon="close" kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate({})}>
            {t("cancel.do")}
          </ActionButton>
        </>
      }
    >
      {cancel.error === null ? undefined : <Notice error={cancel.error} />}
    </Dialog>
  );
}
