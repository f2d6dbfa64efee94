/** A dialog with a title, a body that scrolls, and its acts below. */

import { useId, useRef, type ReactNode } from "react";

import { useI18n } from "../i18n";
import { Icon } from "./Icon";
import { Modal } from "./parts";

export function Dialog({
  title,
  text,
  wide = false,
  acts,
  onClose,
  children,
}: {
  readonly title: string;
  readonly text?: string;
  readonly wide?: boolean;
  readonly acts: ReactNode;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const { t } = useI18n();
  return (
    <Modal label={title} className={wide ? "dlg wide" : "dlg"} onClose={onClose}>
      <header>
        <div className="grow">
          <h2>{title}</h2>
          {text !== undefined && <p className="t2">{text}</p>}
        </div>
        <form method="dialog">
          <button className="btn ghost s sq" aria-label={t("common.close")}>
            <Icon name="close" />
          </button>
        </form>
      </header>
      {children !== undefined && <div className="dlgbody">{children}</div>}
      <footer>{acts}</footer>
    </Modal>
  );
}

/** A labelled control with a hint or what is wrong with it. */
export function Labelled({
  label,
  hint,
  problem,
  children,
}: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | null;
  readonly children: (ids: { readonly id: string; readonly "aria-describedby": string | undefined; readonly "aria-invalid": boolean | undefined }) => ReactNode;
}) {
  const id = useId();
  const below = problem ?? hint;
  return (
    <div className="labelled">
      <label className="label" htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": below === undefined ? undefined : `${id}-below`,
        "aria-invalid": problem === undefined || problem === null ? undefined : true,
      })}
      {below !== undefined && (
        <span id={`${id}-below`} className={problem === undefined || problem === null ? "small t2" : "small ferr"} role={problem === undefined || problem === null ? undefined : "alert"}>
          {below}
        </span>
      )}
    </div>
  );
}

/** Takes the focus when it appears; for the one field that a dialog is about. */
export function useFirstFocus<E extends HTMLElement>(): (element: E | null) => void {
  const done = useRef(false);
  return (element) => {
    if (element === null || done.current) return;
    done.current = true;
    // The dialog opens in an effect of its parent and would take the focus back, before or after
    // the next frame: opening, it looks for this attribute.
    element.setAttribute("autofocus", "");
    window.requestAnimationFrame(() => element.focus());
  };
}
