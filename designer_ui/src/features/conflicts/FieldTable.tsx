import type { Conflict, Side } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import type { SystemLook } from "../../sync/systems";
import { Tile } from "../../ui/parts";
import { allOf, baseOf, mayType, RECORD, type Draft, type Pick } from "./decisions";
import { FieldRow } from "./FieldRow";

/** Base, left and right side by side; a head takes its side for every field. */
export function FieldTable({
  conflict,
  draft,
  asks,
  names,
  onPick,
  onAll,
}: {
  readonly conflict: Conflict;
  readonly draft: Draft;
  readonly asks: boolean;
  readonly names: { readonly [side in Side]: SystemLook };
  readonly onPick: (field: string, pick: Pick | null) => void;
  readonly onAll: (draft: Draft) => void;
}) {
  const { t } = useI18n();
  const several = asks && conflict.fields.length > 1;
  const based = conflict.fields.every((one) => one.field !== RECORD && mayType(one) && baseOf(one) !== null);
  const head = (side: Side) => (
    <span className="row">
      <Tile hue={names[side].hue} icon={names[side].icon} size="xs" />
      <span className="cut grow" title={`${names[side].name} · ${conflict[side].id}`}>{names[side].name}</span>
      {several && <button type="button" className="btn xs ghost all" aria-label={t("conflicts.all.of", { name: names[side].name })} onClick={() => onAll(allOf(conflict, side))}>{t("conflicts.all")}</button>}
    </span>
  );
  return (
    <div className="card tablewrap" tabIndex={0}>
      <table className="fields">
        <thead>
          <tr>
            <th scope="col">{t("data.field")}</th>
            <th scope="col">
              <span className="row">
                <span className="grow">{t("conflicts.base")}</span>
                {several && based && (
                  <button type="button" className="btn xs ghost all" aria-label={t("conflicts.all.of", { name: t("conflicts.base") })} onClick={() => onAll(Object.fromEntries(conflict.fields.map((one) => [one.field, { by: "base" }])))}>
                    {t("conflicts.all")}
                  </button>
                )}
              </span>
            </th>
            <th scope="col">{head("left")}</th>
            <th scope="col">{head("right")}</th>
            <th scope="col">{t("conflicts.result")}</th>
          </tr>
        </thead>
        <tbody>
          {conflict.fields.map((one) => (
            <FieldRow key={one.field} field={one} pick={draft[one.field]} asks={asks} keeps={conflict.kind === "diverged"} names={names} onPick={(made) => onPick(one.field, made)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
