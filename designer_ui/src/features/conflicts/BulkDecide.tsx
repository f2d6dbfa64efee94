import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { Conflict, DecidedMany, Side } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { useSystems } from "../../sync/systems";
import { human, titleOf } from "../../sync/words";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/parts";
import { allOf, deletesOn, RECORD } from "./decisions";

/** Decides the ticked entries alike: first what it means, then the act. */
export function BulkDecide({ chosen, onClear, onDone }: { readonly chosen: readonly Conflict[]; readonly onClear: () => void; readonly onDone: (told: DecidedMany) => void }) {
  const { t } = useI18n();
  const system = useSystems();
  const [side, setSide] = useState<Side | null>(null);
  const nameOf = (one: Side): string => {
    const systems = new Set(chosen.map((each) => each[one].system));
    const [only = ""] = systems;
    return systems.size === 1 ? system(only).name : t(`sync.${one}`);
  };
  return (
    <div className="cbulk" role="region" aria-label={t("conflicts.bulk.bar")}>
      <span className="row">
        <span className="semi grow">{t("conflicts.bulk.chosen", { count: chosen.length })}</span>
        <button type="button" className="linkbtn small t2" onClick={onClear}>{t("conflicts.bulk.clear")}</button>
      </span>
      <span className="row halves">
        {(["left", "right"] as const).map((one) => (
          <button key={one} type="button" className="btn s" onClick={() => setSide(one)}><span className="cut">{t("conflicts.bulk.all", { name: nameOf(one) })}</span></button>
        ))}
      </span>
      {side !== null && <Confirm side={side} name={nameOf(side)} chosen={chosen} onClose={() => setSide(null)} onDone={onDone} />}
    </div>
  );
}

function Confirm({ side, name, chosen, onClose, onDone }: { readonly side: Side; readonly name: string; readonly chosen: readonly Conflict[]; readonly onClose: () => void; readonly onDone: (told: DecidedMany) => void }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const client = useQueryClient();
  const [remember, setRemember] = useState(false);
  const ruled = chosen.every((one) => one.fields.every((field) => field.field !== RECORD));
  const deleted = chosen.filter((one) => deletesOn(one, allOf(one, side)) !== null).length;
  const decide = useMutation({
    mutationFn: () => api.post<DecidedMany>("/conflicts/decide", { environment: environment.slug, ids: chosen.map((one) => one.id), choice: side, remember: remember && ruled }),
    onSuccess: (told) => {
      onDone(told);
      onClose();
    },
    onSettled: () => {
      for (const key of ["conflicts", "conflict", "syncRules", "links", "link"]) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <Dialog
      title={t("conflicts.bulk.title", { count: chosen.length, name })}
      text={t("conflicts.bulk.text", { name })}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton kind={deleted === 0 ? "pri" : "danger"} icon="tick" busy={decide.isPending} onClick={() => decide.mutate()}>{t("conflicts.bulk.do", { count: chosen.length })}</ActionButton>
        </>
      }
    >
      {decide.error !== null && <Notice error={decide.error} />}
      <ul className="bulknames small">
        {chosen.map((one) => <li key={one.id} className="row"><span className="med cut">{human(one.entity)} {titleOf(one)}</span><span className="t2 grow cut">{one.fields.map((field) => (field.field === RECORD ? t(`conflicts.kind.${one.kind}`) : human(field.field).toLowerCase())).join(", ")}</span></li>)}
      </ul>
      {deleted > 0 && <p className="notice err">{t("conflicts.bulk.deletes", { count: deleted, name })}</p>}
      {ruled && (
        <label className="check">
          <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
          <span>{t("conflicts.bulk.remember")}<span className="small t2">{t("conflicts.bulk.remember.text", { name })}</span></span>
        </label>
      )}
    </Dialog>
  );
}
