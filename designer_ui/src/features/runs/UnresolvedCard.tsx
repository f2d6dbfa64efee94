/** A write of which nobody knows whether it happened: both facts side by side, and the verdict. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api } from "../../api/client";
import type { Json, RunDetail, Unresolved } from "../../api/types";
import { useI18n } from "../../i18n";
import { clock } from "../../lib/format";
import { readExact } from "../../lib/exactJson";
import { looksInWords } from "./looks";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { DataView } from "../../ui/DataView";
import { Dialog, Labelled } from "../../ui/Dialog";
import { JsonEditor } from "../../ui/JsonEditor";
import { Notice, Pill } from "../../ui/parts";

interface Props {
  readonly run: RunDetail;
  readonly fact: Unresolved;
}

export function UnresolvedCard({ run, fact }: Props) {
  const { t } = useI18n();
  const { permissions } = useHere();
  const [open, setOpen] = useState<boolean | null>(null);
  const name = run.document.nodes.find((one) => one.id === fact.node)?.name ?? fact.node;
  const reason = permissions.includes("start_runs") ? null : t("runs.mayNotStart");
  return (
    <section className="doubt" role="alert" aria-label={t("doubt.title")}>
      <div className="row">
        <Pill tone="warn" icon="help">{t("doubt.title")}</Pill>
        <span className="small t2 cut">{fact.path === "" ? name : `${name} · ${fact.path}`}</span>
      </div>
      <p className="wrap">{t("doubt.text", { name })}</p>
      <div className="facts2">
        <Sent fact={fact} />
        <Answer fact={fact} />
      </div>
      <div className="acts">
        <span className="med grow">{t("doubt.question")}</span>
        <ActionButton icon="close" small reason={reason} onClick={() => setOpen(false)}>{t("doubt.didNot")}</ActionButton>
        <ActionButton icon="tick" small reason={reason} onClick={() => setOpen(true)}>{t("doubt.happened")}</ActionButton>
      </div>
      {open !== null && <VerdictDialog run={run} fact={fact} name={name} happened={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Sent({ fact }: { readonly fact: Unresolved }) {
  const { t, locale } = useI18n();
  return (
    <div className="fact">
      <h3>{t("doubt.sent")}</h3>
      <div className="small">
        <p className="t2">
          {fact.sent_at === null ? t("doubt.before") : <time dateTime={fact.sent_at}>{clock(fact.sent_at, locale)}</time>} · {t("doubt.attempt", { number: fact.attempt })}
        </p>
        <p className="cut">
          {t("doubt.key")} <span className="mono" title={fact.effect_key}>{fact.effect_key}</span>
        </p>
      </div>
      <div className="sent" aria-label={t("doubt.params")} role="group" tabIndex={0}>
        {fact.params === null || fact.params === undefined ? (
          <p className="small t2" style={{ padding: "8px 12px" }}>{t("doubt.params.unknown")}</p>
        ) : (
          <DataView value={fact.params} mode="tree" />
        )}
      </div>
    </div>
  );
}

function Answer({ fact }: { readonly fact: Unresolved }) {
  const { t, maybe, locale } = useI18n();
  const { answer } = fact;
  return (
    <div className="fact">
      <h3>{t("doubt.answer")}</h3>
      {answer === null ? (
        <div className="small">
          <p className="med">{t("doubt.nothing")}</p>
          <p className="t2">{fact.sent_before ? t("doubt.nothing.before") : t("doubt.nothing.text")}</p>
        </div>
      ) : (
        <div className="small">
          <p className="t2">
            <time dateTime={answer.at}>{clock(answer.at, locale)}</time> · {maybe(`error.${answer.error.class}`) ?? answer.error.class}
          </p>
          <p className="wrap">{answer.error.message}</p>
          <Quoted detail={answer.error.detail} />
        </div>
      )}
      {looksInWords(fact.looks).map(({ last, count }) => (
        <div key={last.at} className="small">
          <p className="t2"><time dateTime={last.at}>{clock(last.at, locale)}</time> · {t("doubt.look", { count })}</p>
          <p className="wrap">
            {last.happened === null ? (last.error?.message ?? "") : t(last.happened ? "probe.happened.short" : "probe.not.short")}
          </p>
        </div>
      ))}
    </div>
  );
}

function Quoted({ detail }: { readonly detail: Json | undefined }) {
  const { t } = useI18n();
  if (typeof detail !== "object" || detail === null || Object.keys(detail).length === 0) return null;
  return (
    <details>
      <summary className="t2">{t("error.detail")}</summary>
      <DataView value={detail} mode="json" />
    </details>
  );
}

function VerdictDialog({ run, fact, name, happened, onClose }: Props & { readonly name: string; readonly happened: boolean; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [output, setOutput] = useState("{}");
  const [note, setNote] = useState("");
  const kind = happened ? "happened" : "didNot";
  const decide = useMutation({
    mutationFn: () => {
      const said = JSON.stringify({ node: fact.node, path: fact.path, happened, note: note.trim() });
      // The output goes as it was typed, with all its digits.
      const body = happened ? `${said.slice(0, -1)}, "output": ${output}}` : said;
      return api.postText<RunDetail>(`/runs/${encodeURIComponent(run.id)}/verdict`, body);
    },
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["run", run.id] });
      void client.invalidateQueries({ queryKey: ["runs", environment.slug] });
      onClose();
      void navigate(href(`/runs/${made.id}`));
    },
  });
  return (
    <Dialog
      title={t(`verdict.${kind}.title`, { name })}
      text={t(`verdict.${kind}.text`)}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton icon={happened ? "play" : "retry"} kind={happened ? "pri" : "danger"} busy={decide.isPending} disabled={happened && !readExact(output).ok} onClick={() => decide.mutate()}>
            {t(`verdict.${kind}.do`)}
          </ActionButton>
        </>
      }
    >
      {decide.error !== null && <Notice error={decide.error} />}
      {happened && (
        <div className="labelled">
          <JsonEditor label={t("verdict.output")} value={output} original="{}" problems={[]} onChange={setOutput} />
          <span className="small t2">{t("verdict.output.hint")}</span>
        </div>
      )}
      <Labelled label={t("verdict.note")} hint={t("solve.note.hint")}>
        {(ids) => <textarea {...ids} className="field area" rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}
      </Labelled>
    </Dialog>
  );
}
