import { useId } from "react";

import type { ConflictField } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import type { SystemLook } from "../../sync/systems";
import { Value } from "../../sync/Value";
import { same } from "../../sync/values";
import { human } from "../../sync/words";
import { Icon } from "../../ui/Icon";
import { baseOf, isMade, mayType, RECORD, resultOf, type Pick } from "./decisions";
import { TypedValue } from "./TypedValue";
import { WholeRecord } from "./WholeRecord";

/** One field: base, left and right to pick from, and what comes of it. */
export function FieldRow({
  field,
  pick,
  asks,
  keeps,
  names,
  onPick,
}: {
  readonly field: ConflictField;
  readonly pick: Pick | undefined;
  /** Whether this person is asked, now; else the row only tells. */
  readonly asks: boolean;
  /** Whether it can stay as it is. */
  readonly keeps: boolean;
  readonly names: { readonly left: SystemLook; readonly right: SystemLook };
  readonly onPick: (pick: Pick | null) => void;
}) {
  const { t } = useI18n();
  const group = useId();
  const name = field.field === RECORD ? t("conflicts.record") : human(field.field);
  const made = isMade(field, pick);
  const base = baseOf(field);
  const known = field.left_base ?? field.right_base;
  const agreed = field.left_base === null || field.right_base === null || same(field.left_base, field.right_base);
  const option = (by: "left" | "right" | "base", label: string) => {
    const value = by === "base" ? base : field[by];
    const changed = by !== "base" && !same(value, by === "left" ? field.left_base : field.right_base);
    const shown = field.field === RECORD ? <WholeRecord value={value} /> : <Value value={value} />;
    if (!asks || (by === "base" && (base === null || !mayType(field)))) return <span className={changed ? "fv changed" : "fv"}>{by !== "base" ? shown : known === null ? <span className="t3">–</span> : field.field === RECORD ? <WholeRecord value={known} then /> : <Value value={known} />}</span>;
    return (
      <label className="fpick">
        <input type="radio" name={group} checked={pick?.by === by} aria-label={t("conflicts.take", { field: name, from: label })} onChange={() => onPick({ by })} />
        <span className={changed ? "fv changed" : "fv"}>{shown}</span>
      </label>
    );
  };
  return (
    <tr className={asks && !made ? "todo" : undefined}>
      <th scope="row">
        <span className="wrap">{name}</span>
        {asks && (
          <span className={made ? "row small fok" : "row small fwarn"}>
            <Icon name={made ? "tick" : "conflict"} size={12} />
            {t(made ? "conflicts.field.decided" : "conflicts.field.decide")}
          </span>
        )}
      </th>
      <td className={pick?.by === "base" ? "picked" : undefined}>
        {option("base", t("conflicts.base"))}
        {!agreed && field.field !== RECORD && <span className="small t2">{t("conflicts.base.differs", { name: names.right.name })} <Value value={field.right_base} /></span>}
      </td>
      <td className={pick?.by === "left" ? "picked" : undefined}>{option("left", names.left.name)}</td>
      <td className={pick?.by === "right" ? "picked" : undefined}>{option("right", names.right.name)}</td>
      <td className="fresult">
        {result()}
        {asks && keeps && pick?.by !== "keep" && <button type="button" className="linkbtn small t2" onClick={() => onPick({ by: "keep" })}>{t("conflicts.keep")}</button>}
        {asks && mayType(field) && <TypedValue field={field} pick={pick} onPick={onPick} />}
      </td>
    </tr>
  );

  function result() {
    if (!asks && pick === undefined) return field.winner === "" ? null : <span className="small t2">{t("conflicts.winner", { name: sideName(field.winner) })}</span>;
    if (pick === undefined || pick.by === "candidate" || (asks && pick.by === "typed")) return null;
    return (
      <>
        <span className="med">
          {pick.by === "keep" ? t("conflicts.kept") : field.field === RECORD ? t(field[pick.by === "right" ? "right" : "left"] === null ? "conflicts.bothGone" : "conflicts.bothThere") : <Value value={resultOf(field, pick) ?? null} />}
        </span>
        <span className="small t2">{t(`conflicts.from.${pick.by}`, { left: names.left.name, right: names.right.name })}</span>
      </>
    );
  }

  function sideName(winner: string): string {
    return winner === "left" ? names.left.name : winner === "right" ? names.right.name : t("conflicts.merged");
  }
}
