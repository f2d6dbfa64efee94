import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../../api/client";
import { conflictQuery } from "../../api/syncQueries";
import type { Conflict, Decided } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { useSystems } from "../../sync/systems";
import { same } from "../../sync/values";
import { human, titleOf } from "../../sync/words";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { Notice, Pill, Time } from "../../ui/parts";
import { isMasked } from "../../ui/tree";
import { CandidateChoice } from "./CandidateChoice";
import { bodiesOf, canBeRule, CANDIDATES, decisionsOf, deletesOn, draftOf, isBlind, isOpen, type Draft, type Pick } from "./decisions";
import { FieldTable } from "./FieldTable";
import { STATES } from "./looks";
import { RememberCard } from "./RememberCard";
import { SavingCard } from "./SavingCard";

/** One entry, decided field by field. What was chosen counts for the values that were shown: when
 * they change meanwhile, the choices start anew. */
export function ConflictDetail({ conflict, hasNext, onSaved }: { readonly conflict: Conflict; readonly hasNext: boolean; readonly onSaved: (saved: Decided, complete: boolean) => void }) {
  const { t } = useI18n();
  const { environment, permissions, href } = useHere();
  const client = useQueryClient();
  const system = useSystems();
  const names = { left: system(conflict.left.system), right: system(conflict.right.system) };
  const [seen, setSeen] = useState(conflict.fields);
  const [draft, setDraft] = useState<Draft>(() => draftOf(conflict));
  const [remember, setRemember] = useState(false);
  const [changed, setChanged] = useState(false);
  // What one's own saving left over is no news.
  const [own, setOwn] = useState<Conflict["fields"] | null>(null);
  if (!same(seen, conflict.fields)) {
    setSeen(conflict.fields);
    setDraft(draftOf(conflict));
    setChanged(own === null || !same(own, conflict.fields));
  }
  const save = useMutation({
    mutationFn: async (complete: boolean) => {
      const fresh = await client.fetchQuery({ ...conflictQuery(conflict.id), staleTime: 0 });
      if (!same(fresh.fields, seen)) return null;
      let saved: Decided | null = null;
      for (const body of bodiesOf(decisionsOf(conflict, draft), remember)) {
        saved = await api.post<Decided>(`/conflicts/${encodeURIComponent(conflict.id)}/decide`, body);
      }
      return saved === null ? null : { saved, complete };
    },
    onSuccess: (told) => {
      if (told === null) return;
      setOwn(told.saved.fields);
      setChanged(false);
      client.setQueryData(conflictQuery(conflict.id).queryKey, told.saved);
      onSaved(told.saved, told.complete);
    },
    onSettled: () => {
      for (const key of [["conflicts", environment.slug], ["conflict", conflict.id], ["syncRules"], ["link", conflict.link], ["links", environment.slug]]) {
        void client.invalidateQueries({ queryKey: key });
      }
    },
  });
  const may = permissions.includes("start_runs");
  const open = isOpen(conflict);
  const asks = may && open && !isBlind(conflict);
  const decisions = decisionsOf(conflict, draft);
  const total = conflict.fields.length;
  const complete = decisions.length === total;
  const masked = conflict.fields.some((one) => isMasked(one.left) || isMasked(one.right));
  const pick = (field: string, made: Pick | null) =>
    setDraft((old) => {
      const next: { [field: string]: Pick } = { ...old };
      if (made === null) delete next[field];
      else next[field] = made;
      return next;
    });
  const [only] = conflict.fields;
  const deletes = deletesOn(conflict, draft);
  return (
    <section className="cdetail" aria-label={`${human(conflict.entity)} ${titleOf(conflict)}`}>
      <header className="cdhead">
        <div className="grow">
          <h2 className="wrap">{t(`conflicts.title.${conflict.kind}`, { name: `${human(conflict.entity)} ${titleOf(conflict)}` })}</h2>
          <p className="small t2">
            {t("conflicts.since")} <Time at={conflict.created_at} />
            {conflict.decided_at !== null && <> · {t("conflicts.decidedBy", { name: conflict.decided_by })} <Time at={conflict.decided_at} /></>}
            {conflict.run !== null && <> · <Link className="link" to={href(`/runs/${conflict.run}`)}>{t("conflicts.run")}</Link></>}
          </p>
        </div>
        <Pill tone={STATES[conflict.state].tone} icon={STATES[conflict.state].icon} large>{t(`conflicts.state.${conflict.state}`)}</Pill>
        <Link className="btn" to={href(`/links/${conflict.link}`)}><Icon name="link" size={14} />{t("conflicts.openLink")}</Link>
      </header>
      <div className="cdbody">
        {!open && conflict.state !== "told" && <p>{t(`conflicts.after.${conflict.state}`)}</p>}
        {(open || conflict.state === "told") && <p>{t(`conflicts.why.${conflict.kind}`, { name: names[only?.by === "right" ? "right" : "left"].name })}</p>}
        {changed && <p className="notice warn" role="status"><Icon name="alert" />{t("conflicts.changed")}</p>}
        {!may && open && <p className="notice plain"><Icon name="lock" />{t("conflicts.mayNot")}</p>}
        {masked && <p className="notice plain"><Icon name="lock" />{t("conflicts.masked")}</p>}
        {save.error !== null && <Notice error={save.error} />}
        {only?.field === CANDIDATES ? (
          <CandidateChoice conflict={conflict} field={only} pick={draft[CANDIDATES]} asks={asks} names={names} onPick={(made) => pick(CANDIDATES, made)} />
        ) : (
          <FieldTable conflict={conflict} draft={draft} asks={asks} names={names} onPick={pick} onAll={setDraft} />
        )}
        {asks && (
          <div className="cdcards">
            {decisions.some(canBeRule) && <RememberCard entity={conflict.entity} rules={decisions.filter(canBeRule)} names={names} remember={remember} onRemember={setRemember} />}
            <SavingCard conflict={conflict} draft={draft} complete={complete} names={names} />
          </div>
        )}
        {conflict.state === "told" && <p className="t2">{t("conflicts.after.told")}</p>}
      </div>
      {asks && (
        <footer className="cdfoot">
          <progress max={total} value={decisions.length} aria-label={t("conflicts.progress", { done: decisions.length, total })} />
          <span className="small grow" role="status">{t("conflicts.progress", { done: decisions.length, total })}</span>
          {decisions.length > 0 && !complete && (
            <ActionButton busy={save.isPending} onClick={() => save.mutate(false)}>{t("conflicts.saveSome", { count: decisions.length })}</ActionButton>
          )}
          <ActionButton kind={deletes === null ? "pri" : "danger"} icon={deletes === null ? "tick" : "close"} busy={save.isPending} disabled={!complete} onClick={() => save.mutate(true)}>
            {deletes !== null ? t("conflicts.saveDelete", { name: names[deletes].name }) : t(hasNext ? "conflicts.saveNext" : "conflicts.save")}
          </ActionButton>
        </footer>
      )}
    </section>
  );
}
