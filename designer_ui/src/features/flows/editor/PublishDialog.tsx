/** What changed since the version that the draft started from, a note, and out it goes. */

import { useState } from "react";

import { Problem } from "../../../api/client";
import type { FlowProblem } from "../../../api/editing";
import { useI18n } from "../../../i18n";
import { ActionButton } from "../../../ui/ActionButton";
import { Dialog, Labelled, useFirstFocus } from "../../../ui/Dialog";
import { Notice } from "../../../ui/parts";
import type { Changes } from "./changes";

export function PublishDialog({
  changes,
  base,
  problems,
  onPublish,
  onProblem,
  onClose,
}: {
  readonly changes: Changes;
  readonly base: number;
  readonly problems: readonly FlowProblem[];
  /** Resolves when it is done; the error of the server else. */
  readonly onPublish: (note: string) => Promise<void>;
  readonly onProblem: (problem: FlowProblem) => void;
  readonly onClose: () => void;
}) {
  const { t } = useI18n();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const focus = useFirstFocus<HTMLTextAreaElement>();
  const errors = problems.filter((one) => one.severity === "error");
  const go = () => {
    setBusy(true);
    setError(null);
    onPublish(note.trim()).catch((fault: unknown) => {
      setError(fault);
      setBusy(false);
    });
  };
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [t("publish.added"), changes.added],
    [t("publish.removed"), changes.removed],
    [t("publish.changed"), changes.changed],
  ];
  return (
    <Dialog
      title={t("publish.title")}
      text={t("publish.text", { number: base + 1 })}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>{t("common.cancel")}</button>
          <ActionButton kind="pri" busy={busy} reason={errors.length > 0 ? t("publish.blocked") : null} onClick={go}>{t("publish.do")}</ActionButton>
        </>
      }
    >
      {errors.length > 0 && (
        <div className="notice err" role="alert">
          <div className="grow">
            <div className="med">{t("problems.count", { count: errors.length })}</div>
            <ul>
              {errors.slice(0, 4).map((one, index) => (
                <li key={index}><button type="button" className="linkbtn" onClick={() => onProblem(one)}>{one.message}</button></li>
              ))}
            </ul>
          </div>
        </div>
      )}
      {error !== null && <Notice error={error} />}
      {error instanceof Problem && error.errors.length > 0 && <ul className="small">{error.errors.map((one, index) => <li key={index}>{one.message}</li>)}</ul>}
      <dl className="pubs">
        {rows.filter(([, names]) => names.length > 0).map(([what, names]) => (
          <div key={what}>
            <dt className="t2">{what}</dt>
            <dd>{names.join(", ")}</dd>
          </div>
        ))}
        {changes.wires > 0 && <div><dt className="t2">{t("node.wires")}</dt><dd>{t("publish.wires", { count: changes.wires })}</dd></div>}
        {changes.flow && <div><dt className="t2">{t("publish.flow")}</dt><dd>{t("publish.flow.text")}</dd></div>}
        {changes.layout && <div><dt className="t2">{t("publish.layout")}</dt><dd>{t("publish.layout.text")}</dd></div>}
      </dl>
      <Labelled label={t("publish.note")} hint={t("publish.note.hint")}>
        {(ids) => (
          <textarea
            {...ids}
            ref={focus}
            className="field area"
            rows={2}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && errors.length === 0 && !busy) go();
            }}
          />
        )}
      </Labelled>
    </Dialog>
  );
}
