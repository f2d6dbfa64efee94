import { useId } from "react";

import type { Conflict, ConflictField, Side } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import type { SystemLook } from "../../sync/systems";
import { Value } from "../../sync/Value";
import { human } from "../../sync/words";
import { Empty, Tile } from "../../ui/parts";
import { candidatesOf, type Candidate, type Pick } from "./decisions";

/** Which of several records is the other side, or none of them. */
export function CandidateChoice({
  conflict,
  field,
  pick,
  asks,
  names,
  onPick,
}: {
  readonly conflict: Conflict;
  readonly field: ConflictField;
  readonly pick: Pick | undefined;
  readonly asks: boolean;
  readonly names: { readonly [side in Side]: SystemLook };
  readonly onPick: (pick: Pick) => void;
}) {
  const { t } = useI18n();
  const group = useId();
  const missing: Side = field.by === "left" ? "left" : "right";
  const known: Side = missing === "left" ? "right" : "left";
  const [mine] = candidatesOf(field[known]);
  const found = candidatesOf(field[missing]);
  if (mine === undefined) return <section className="card"><Empty icon="lock" title={t("conflicts.candidates.masked")} text={t("conflicts.candidates.masked.text")} /></section>;
  const attributes = [...new Set([mine, ...found].flatMap((one) => Object.keys(one.values)))];
  const chosen = pick?.by === "candidate" ? pick.id : undefined;
  const cells = (one: Candidate) => attributes.map((name) => <td key={name}><Value value={one.values[name] ?? null} /></td>);
  const radio = (id: string | null, label: string) => asks && <input type="radio" name={group} checked={chosen === id} aria-label={label} onChange={() => onPick({ by: "candidate", id })} />;
  return (
    <div className="card tablewrap" tabIndex={0}>
      <table className="candidates">
        <thead>
          <tr>
            <th scope="col">{t("conflicts.record")}</th>
            {attributes.map((name) => <th key={name} scope="col">{human(name)}</th>)}
          </tr>
        </thead>
        <tbody>
          <tr className="mine">
            <th scope="row"><span className="row"><Tile hue={names[known].hue} icon={names[known].icon} size="xs" />{mine.label === "" ? mine.id : mine.label}<span className="small t2">{conflict[known].id}</span></span></th>
            {cells(mine)}
          </tr>
          {found.map((one) => (
            <tr key={one.id} className={chosen === one.id ? "picked" : undefined}>
              <th scope="row">
                <label className="row">
                  {radio(one.id, t("conflicts.candidates.take", { name: one.label === "" ? one.id : one.label }))}
                  <Tile hue={names[missing].hue} icon={names[missing].icon} size="xs" />
                  {one.label === "" ? one.id : one.label}
                  <span className="small t2">{one.id}</span>
                </label>
              </th>
              {cells(one)}
            </tr>
          ))}
          {asks && (
            <tr className={chosen === null ? "picked" : undefined}>
              <th scope="row" colSpan={attributes.length + 1}><label className="row">{radio(null, t("conflicts.candidates.none"))}{t("conflicts.candidates.none")}</label></th>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
