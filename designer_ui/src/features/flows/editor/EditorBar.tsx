/** What stands in the flow's bar while it is edited: who else, undo, saved or not, problems, publish. */

import type { FlowProblem } from "../../../api/editing";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { MenuButton, MenuItem } from "../../../ui/parts";
import type { Editing } from "./useDraft";

function initials(name: string): string {
  const words = name.split(/\s+/).filter((one) => one !== "");
  return `${words[0]?.charAt(0) ?? "?"}${words.length > 1 ? (words.at(-1)?.charAt(0) ?? "") : (words[0]?.charAt(1) ?? "")}`.toUpperCase();
}

export function EditorBar({
  editing,
  latest,
  problems,
  asked,
  changes,
  onProblems,
  onPublish,
  onDiscard,
}: {
  readonly editing: Editing;
  /** The newest version: discarding leads to it. */
  readonly latest: number;
  readonly problems: readonly FlowProblem[];
  /** Whether the problems are those of the draft as it is now. */
  readonly asked: boolean;
  readonly changes: number;
  readonly onProblems: () => void;
  readonly onPublish: () => void;
  readonly onDiscard: () => void;
}) {
  const { t } = useI18n();
  const { history, save, others, base } = editing;
  const errors = problems.filter((one) => one.severity === "error").length;
  const tone = errors > 0 ? "err" : problems.length > 0 ? "warn" : "ok";
  const saveWords = t(`edit.save.${editing.drafted || save !== "saved" ? save : "none"}`, { number: base });
  const changeWords = changes > 0 ? t("edit.changes", { count: changes, number: base }) : "";
  return (
    <>
      <span className="sr" role="status">{saveWords}</span>
      {others.length > 0 && (
        <ul className="avs" aria-label={t("edit.others")}>
          {others.slice(0, 4).map((one) => {
            const words = t("edit.other", { name: one.name, number: one.base });
            return <li key={one.name} className="av" title={words}><span aria-hidden="true">{initials(one.name)}</span><span className="sr">{words}</span></li>;
          })}
        </ul>
      )}
      <span className="row ebtns">
        <button type="button" className="btn ghost s sq" disabled={history.past.length === 0} aria-label={t("edit.undo")} title={`${t("edit.undo")} (Ctrl Z)`} onClick={editing.undo}>
          <Icon name="undo" />
        </button>
        <button type="button" className="btn ghost s sq flip" disabled={history.future.length === 0} aria-label={t("edit.redo")} title={`${t("edit.redo")} (Ctrl Y)`} onClick={editing.redo}>
          <Icon name="undo" />
        </button>
      </span>
      <MenuButton
        label={`${saveWords} ${changeWords}`.trim()}
        className={`btn ghost s draftbtn ${save}`}
        align="right"
        button={
          <>
            <span className={save === "failed" ? "med ferr" : "med"}>{saveWords}</span>{" "}
            {changeWords !== "" && <span className="t3 nowrap">{changeWords}</span>}
            <Icon name="down" size={12} />
          </>
        }
      >
        {(close) => (
          <MenuItem
            icon="undo"
            onSelect={() => {
              close();
              onDiscard();
            }}
          >
            {t("edit.discard", { number: latest })}
          </MenuItem>
        )}
      </MenuButton>
      <button type="button" className={`btn s probbtn ${tone}`} onClick={onProblems}>
        <Icon name={!asked ? "spinner" : tone === "ok" ? "check" : "alert"} size={14} spin={!asked} />
        {problems.length === 0 ? t(asked ? "problems.zero" : "problems.asking") : t("problems.count", { count: problems.length })}
      </button>
      <button type="button" className="btn pri s" disabled={changes === 0} title={changes === 0 ? t("publish.nothing") : undefined} onClick={onPublish}>{t("publish.button")}</button>
    </>
  );
}
