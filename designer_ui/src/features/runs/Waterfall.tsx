/** Steps and attempts on one time axis, or as a table of the same rows. */

import { useState } from "react";

import type { FlowDocument } from "../../api/types";
import { useI18n, type I18n } from "../../i18n";
import { clock, durationText } from "../../lib/format";
import type { Row, Waterfall as Chart } from "../../runs/waterfall";
import { Icon, type IconName } from "../../ui/Icon";
import { Empty, Segmented } from "../../ui/parts";

type Mode = "time" | "table";

interface Props {
  readonly chart: Chart;
  readonly document: FlowDocument;
  readonly selected: string | null;
  readonly onSelect: (node: string, path: string) => void;
}

const LEGEND = [
  ["ok", "waterfall.done"],
  ["err", "waterfall.failed"],
  ["wait", "waterfall.waited"],
] as const;

export function Waterfall({ chart, document, selected, onSelect }: Props) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const [mode, setMode] = useState<Mode>("time");
  const end = chart.ticks.at(-1) ?? 1;
  const percent = (ms: number): string => `${((ms / Math.max(end, 1)) * 100).toFixed(3)}%`;
  return (
    <section className="wfp" aria-label={t("waterfall.title")}>
      <div className="wh">
        <h2 className="h3">{t("waterfall.title")}</h2>
        {mode === "time" &&
          LEGEND.map(([kind, key]) => (
            <span key={kind} className="lg"><i className={kind} />{t(key)}</span>
          ))}
        <span className="grow" />
        <Segmented
          label={t("data.shownAs")}
          value={mode}
          onChange={setMode}
          options={[
            { value: "time", label: t("waterfall.time") },
            { value: "table", label: t("data.table") },
          ]}
        />
      </div>
      {chart.rows.length === 0 ? (
        <Empty icon="clock" title={t("waterfall.none")} />
      ) : mode === "time" ? (
        <div className="wscroll">
          <div className="axr" aria-hidden="true">
            <span className="wn" />
            <div className="axx">
              {chart.ticks.map((one) => (
                <span key={one} style={{ left: percent(one) }}>{one === 0 ? "0" : durationText(one, locale)}</span>
              ))}
            </div>
            <span className="wr" />
          </div>
          <div className="wfw">
            <div className="grid" aria-hidden="true">
              {chart.ticks.map((one) => (
                <i key={one} style={{ left: percent(one) }} />
              ))}
            </div>
            <ul className="wf">
              {chart.rows.map((row) => {
                const [icon, tone, spin] = rowIcon(row);
                return (
                  <li key={row.key} className={row.node === selected && row.depth === 0 ? "on" : undefined}>
                    <button type="button" onClick={() => onSelect(row.node, row.path)} aria-pressed={row.node === selected}>
                      <span className={tone}><Icon name={icon} size={14} spin={spin} /></span>
                      <span className={row.depth === 0 ? "wn cut" : "wn cut sub2"} title={rowName(row, document, i18n)}>
                        {rowName(row, document, i18n)}
                      </span>
                      <span className="wb">
                        {row.bars.map((bar, index) => (
                          <i key={index} className={bar.kind} style={{ left: percent(bar.from), width: `max(3px, ${percent(bar.to - bar.from)})` }} />
                        ))}
                      </span>
                      <span className="wr">{row.ms === null ? "" : durationText(row.ms, locale)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </div>
        </div>
      ) : (
        <div className="wscroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("waterfall.step")}</th>
                <th scope="col">{t("runs.state")}</th>
                <th scope="col" className="num">{t("waterfall.started")}</th>
                <th scope="col" className="num">{t("runs.took")}</th>
              </tr>
            </thead>
            <tbody>
              {chart.rows.map((row) => {
                const [icon, tone, spin] = rowIcon(row);
                const started = startOf(row);
                return (
                  <tr key={row.key}>
                    <td style={{ paddingLeft: row.depth === 0 ? 16 : 40 }}>{rowName(row, document, i18n)}</td>
                    <td><span className={`row ${tone}`}><Icon name={icon} size={14} spin={spin} />{stateWords(row, i18n)}</span></td>
                    <td className="num t2">{started === null ? "" : clock(started, locale)}</td>
                    <td className="num t2">{row.ms === null ? "" : durationText(row.ms, locale)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function startOf({ what }: Row): string | null {
  if (what.kind === "step") return what.step.startedAt;
  return what.kind === "attempt" ? what.attempt.startedAt : null;
}

function stateWords({ what }: Row, { t }: I18n): string {
  switch (what.kind) {
    case "step":
      return t(`step.${what.step.state}`);
    case "attempt":
      return t(`attempt.${what.attempt.state}`);
    case "pause":
      return t("step.waiting");
    case "probe":
      return t(what.happened === null ? "probe.unknown.short" : what.happened ? "probe.happened.short" : "probe.not.short");
  }
}

function rowName(row: Row, document: FlowDocument, { t }: I18n): string {
  const { what } = row;
  switch (what.kind) {
    case "step": {
      // What a for-each leaves to a chunk is a step of its own, named after the for-each.
      const [id, chunk] = row.node.split(":", 2);
      const name = document.nodes.find((one) => one.id === id)?.name ?? row.node;
      const item = row.path.split("/").at(-1) ?? "";
      if (row.path === "") return name;
      return `${name} · ${chunk === undefined ? item : t("chain.chunk", { chunk: item })}`;
    }
    case "attempt": {
      const said = what.attempt.error?.message;
      const number = what.attempt.attempt;
      return said === undefined || said === "" ? t(`attempt.named.${what.attempt.state}`, { number }) : t("attempt.said", { number, said });
    }
    case "pause":
      return what.reason === "uncertain" ? t("pause.uncertain") : t("pause.retry");
    case "probe":
      return t(what.happened === null ? "probe.unknown" : what.happened ? "probe.happened" : "probe.not");
  }
}

function rowIcon({ what }: Row): readonly [IconName, string, boolean] {
  switch (what.kind) {
    case "step":
      switch (what.step.state) {
        case "failed":
          return ["failed", "ferr", false];
        case "running":
          return ["spinner", "frun", true];
        case "waiting":
          return ["clock", "frun", false];
        case "stopped":
          return ["stop", "fidle", false];
        default:
          return ["check", "fok", false];
      }
    case "attempt":
      switch (what.attempt.state) {
        case "failed":
          return ["failed", "ferr", false];
        case "running":
          return ["spinner", "frun", true];
        case "uncertain":
          return ["help", "fwarn", false];
        case "succeeded":
          return ["check", "fok", false];
      }
      break;
    case "pause":
      return ["clock", "frun", false];
    case "probe":
      return ["eye", "frun", false];
  }
  return ["info", "fidle", false];
}
