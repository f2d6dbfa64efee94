/** JSON to correct by hand: numbered lines, and each problem at the line that it is about. */

import { useRef, useState } from "react";

import { useI18n } from "../i18n";
import { printExact, readExact, type Misread } from "../lib/exactJson";
import { Icon } from "./Icon";

export interface LineProblem {
  readonly line: number;
  readonly message: string;
}

const LINE = 18;
const FEWEST_ROWS = 6;
const MOST_ROWS = 22;

export function useMisreadWords(): (misread: Misread) => string {
  const { t } = useI18n();
  return ({ fault, what }) => (fault === "unexpected" && what === '"' ? t("json.quote") : t(`json.${fault}`, { what }));
}

export function JsonEditor({
  label,
  value,
  original,
  problems,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  /** The text before any edit; "undo all" goes back to it. */
  readonly original: string;
  readonly problems: readonly LineProblem[];
  readonly onChange: (text: string) => void;
}) {
  const { t } = useI18n();
  const words = useMisreadWords();
  const area = useRef<HTMLTextAreaElement>(null);
  const [top, setTop] = useState(0);
  const reading = readExact(value);
  const found: readonly LineProblem[] = reading.ok
    ? problems
    : [{ line: reading.misread.line, message: words(reading.misread) }, ...problems];
  const count = value.split("\n").length;
  const rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, original.split("\n").length + 2));
  const bad = new Set(found.map((one) => one.line));

  const goTo = (line: number) => {
    const element = area.current;
    if (element === null) return;
    const start = value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const length = value.split("\n")[line - 1]?.length ?? 0;
    element.focus();
    element.setSelectionRange(start, start + length);
    element.scrollTop = Math.max(0, (line - 4) * LINE);
  };

  return (
    <div className="jsonedit">
      <div className="jsonbar">
        <span className="label grow cut">{label}</span>
        <button type="button" className="btn ghost xs" disabled={!reading.ok} onClick={() => reading.ok && onChange(printExact(reading.value))}>
          {t("json.tidy")}
        </button>
        <button type="button" className="btn ghost xs" disabled={value === original} onClick={() => onChange(original)}>
          <Icon name="undo" size={12} />
          {t("json.restore")}
        </button>
      </div>
      <div className={found.length > 0 ? "jsonarea bad" : "jsonarea"} style={{ height: rows * LINE + 18 }}>
        <div className="jsonlines" aria-hidden="true">
          <div style={{ transform: `translateY(${-top}px)` }}>
            {Array.from({ length: count }, (_, index) => (
              <div key={index} className={bad.has(index + 1) ? "bad" : undefined}>{index + 1}</div>
            ))}
          </div>
        </div>
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={found.length > 0 ? true : undefined}
          spellCheck={false}
          autoComplete="off"
          wrap="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        />
      </div>
      {found.length > 0 && (
        <div role="alert">
          <ul className="jsonproblems">
            {found.map((one, index) => (
              <li key={index}>
                <Icon name="alert" size={14} />
                <button type="button" className="linkbtn" onClick={() => goTo(one.line)}>{t("json.line", { number: one.line })}</button>
                <span className="wrap">{one.message}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
