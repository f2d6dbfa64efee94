/** Small parts that every page uses. */

import { useEffect, useId, useRef, useState, type ReactNode } from "react";

import { Problem } from "../api/client";
import { useI18n, type MessageKey } from "../i18n";
import { exactInstant, relative } from "../lib/format";
import { Icon, type IconName } from "./Icon";
import { useNow } from "./useNow";

export type Tone = "ok" | "warn" | "err" | "run" | "idle";
export type Hue = "presta" | "notes" | "logic" | "data";

export function Pill({
  tone,
  icon,
  large = false,
  spin = false,
  children,
  title,
}: {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly large?: boolean;
  readonly spin?: boolean;
  readonly children: ReactNode;
  readonly title?: string | undefined;
}) {
  const names = ["pill", tone, large ? "lg" : "", icon === undefined ? "plain" : ""].filter(Boolean).join(" ");
  return (
    <span className={names} title={title}>
      {icon !== undefined && <Icon name={icon} size={large ? 14 : 12} spin={spin} />}
      {children}
    </span>
  );
}

export function Tile({
  hue,
  icon,
  size = "m",
  label,
}: {
  readonly hue: Hue;
  readonly icon: IconName;
  readonly size?: "m" | "s" | "xs";
  readonly label?: string | undefined;
}) {
  const named = label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label, title: label };
  return (
    <span className={`tile ${size === "m" ? "" : size} ${hue}`} {...named}>
      <Icon name={icon} size={size === "m" ? 18 : size === "s" ? 14 : 12} />
    </span>
  );
}

/** An instant in words, the exact one on hover. One that is not `ahead` never shows as future:
 * two clocks may differ by a little. */
export function Time({ at, className, ahead = false }: { readonly at: string; readonly className?: string; readonly ahead?: boolean }) {
  const { locale } = useI18n();
  const clock = useNow(ahead ? 1_000 : 5_000);
  const now = ahead ? clock : Math.max(clock, Date.parse(at));
  return (
    <time dateTime={at} title={exactInstant(at, locale)} className={className}>
      {relative(at, now, locale)}
    </time>
  );
}

export function Loading({ lines = 4 }: { readonly lines?: number }) {
  const { t } = useI18n();
  return (
    <div role="status" aria-live="polite" style={{ display: "grid", gap: 14, padding: 16 }}>
      <span className="sr">{t("common.loading")}</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="skel" style={{ width: `${88 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Empty({
  icon,
  title,
  text,
  page = false,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  /** The whole page is empty: its words are the page's heading. */
  readonly page?: boolean;
  readonly children?: ReactNode;
}) {
  const Heading = page ? "h1" : "h2";
  return (
    <div className="state">
      <span className="nt">
        <Icon name={icon} />
      </span>
      <Heading>{title}</Heading>
      {text !== undefined && <p>{text}</p>}
      {children}
    </div>
  );
}

/** What went wrong, in the server's words where it gave some. */
export function useProblemText(): (error: unknown) => { readonly title: string; readonly detail: string } {
  const { t } = useI18n();
  return (error) => {
    if (!(error instanceof Problem)) return { title: t("problem.unexpected"), detail: String(error) };
    if (error.status === 0) return { title: t("problem.unreachable"), detail: t("problem.unreachable.text") };
    const known: { readonly [status: number]: MessageKey } = {
      403: "problem.forbidden",
      404: "problem.notFound",
    };
    const key = known[error.status];
    const title = error.title !== "" ? error.title : key === undefined ? t("problem.unexpected") : t(key);
    return { title, detail: error.detail };
  };
}

export function Failure({ error, retry, page = false }: { readonly error: unknown; readonly retry?: () => void; readonly page?: boolean }) {
  const { t } = useI18n();
  const Heading = page ? "h1" : "h2";
  const words = useProblemText()(error);
  return (
    <div className="state" role="alert">
      <span className="nt err">
        <Icon name="alert" />
      </span>
      <Heading>{words.title}</Heading>
      {words.detail !== "" && <p>{words.detail}</p>}
      {retry !== undefined && (
        <button type="button" className="btn" onClick={retry}>
          <Icon name="retry" size={14} />
          {t("common.tryAgain")}
        </button>
      )}
    </div>
  );
}

export function Notice({ error, tone = "err" }: { readonly error: unknown; readonly tone?: "err" | "warn" }) {
  const words = useProblemText()(error);
  return (
    <div className={`notice ${tone}`} role="alert">
      <Icon name="alert" />
      <div className="grow wrap">
        <div className="med">{words.title}</div>
        {words.detail !== "" && <p className="small">{words.detail}</p>}
      </div>
    </div>
  );
}

/** One choice among a few, as a radio group with arrow keys. */
export function Segmented<V extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly label: string }[];
  readonly onChange: (value: V) => void;
}) {
  const group = useRef<HTMLDivElement>(null);
  const move = (step: number) => {
    const at = options.findIndex((one) => one.value === value);
    const next = options[(at + step + options.length) % options.length];
    if (next === undefined) return;
    onChange(next.value);
    group.current?.querySelectorAll("button")[options.indexOf(next)]?.focus();
  };
  return (
    <div className="seg" role="radiogroup" aria-label={label} ref={group}>
      {options.map((one) => (
        <button
          key={one.value}
          type="button"
          role="radio"
          aria-checked={one.value === value}
          tabIndex={one.value === value ? 0 : -1}
          onClick={() => onChange(one.value)}
          onKeyDown={(event) => {
            if (event.key === "ArrowRight" || event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowLeft" || event.key === "ArrowUp") move(-1);
            else return;
            event.preventDefault();
          }}
        >
          {one.label}
        </button>
      ))}
    </div>
  );
}

/** Tabs of a panel: arrow keys walk, the chosen one is in the tab order. */
export function Tabs<V extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly label: string; readonly count?: number }[];
  readonly onChange: (value: V) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={list}>
      {options.map((one, index) => (
        <button
          key={one.value}
          type="button"
          role="tab"
          aria-selected={one.value === value}
          tabIndex={one.value === value ? 0 : -1}
          onClick={() => onChange(one.value)}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            const next = options[(index + step + options.length) % options.length];
            if (step === 0 || next === undefined) return;
            event.preventDefault();
            onChange(next.value);
            list.current?.querySelectorAll("button")[options.indexOf(next)]?.focus();
          }}
        >
          {one.label}
          {one.count !== undefined && <span className="pill plain">{one.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** A button with a menu below it; Escape and a click elsewhere close it, arrows walk it. */
export function MenuButton({
  label,
  className,
  button,
  align = "left",
  children,
}: {
  readonly label: string;
  readonly className: string;
  readonly button: ReactNode;
  readonly align?: "left" | "right";
  readonly children: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && holder.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    holder.current?.querySelector<HTMLElement>(".mi")?.focus();
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    setOpen(false);
    holder.current?.querySelector<HTMLElement>("button")?.focus();
  };
  return (
    <div
      className="anchor"
      ref={holder}
      onKeyDown={(event) => {
        if (!open) return;
        if (event.key === "Escape") {
          event.stopPropagation();
          close();
          return;
        }
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (step === 0) return;
        event.preventDefault();
        const items = [...(holder.current?.querySelectorAll<HTMLElement>(".mi") ?? [])];
        const at = items.findIndex((one) => one === document.activeElement);
        items[(at + step + items.length) % items.length]?.focus();
      }}
    >
      <button
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        title={label}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div id={id} className="menu" role="menu" aria-label={label} style={{ top: "calc(100% + 6px)", [align]: 0 }}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

export function MenuItem({
  checked,
  icon,
  onSelect,
  children,
}: {
  readonly checked?: boolean;
  readonly icon?: IconName;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) {
  const role = checked === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": checked };
  return (
    <button type="button" className="mi" {...role} onClick={onSelect}>
      {icon !== undefined && <Icon name={icon} />}
      <span className="grow cut">{children}</span>
      {checked === true && <Icon name="tick" size={14} />}
    </button>
  );
}

export function Modal({
  label,
  className = "",
  onClose,
  children,
}: {
  readonly label: string;
  readonly className?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      {children}
    </dialog>
  );
}
