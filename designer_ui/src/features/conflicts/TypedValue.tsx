import { useId } from "react";

import type { ConflictField } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { untyped } from "../../sync/values";
import { human } from "../../sync/words";
import { Icon } from "../../ui/Icon";
import { resultOf, typingOfField, type Pick } from "./decisions";

/** Where a value is typed; stays open once it was begun. */
export function TypedValue({ field, pick, onPick }: { readonly field: ConflictField; readonly pick: Pick | undefined; readonly onPick: (pick: Pick | null) => void }) {
  const { t } = useI18n();
  const below = useId();
  const typing = typingOfField(field);
  const label = t("conflicts.type", { field: human(field.field) });
  if (pick?.by !== "typed") {
    return (
      <button type="button" className="btn xs ghost typebtn" aria-label={label} onClick={() => onPick({ by: "typed", text: pick === undefined ? "" : untyped(resultOf(field, pick) ?? null, typing) })}>
        <Icon name="pencil" size={12} />
        {t("conflicts.type.short")}
      </button>
    );
  }
  const bad = resultOf(field, pick) === undefined;
  const change = (text: string) => onPick({ by: "typed", text });
  const common = { "aria-label": label, "aria-invalid": bad || undefined, "aria-describedby": below, value: pick.text, autoFocus: true };
  return (
    <span className="typedvalue">
      {typing === "boolean" ? (
        <select className="field s" {...common} onChange={(event) => change(event.target.value)}>
          <option value="">{t("sync.empty")}</option>
          <option value="true">{t("common.yes")}</option>
          <option value="false">{t("common.no")}</option>
        </select>
      ) : typing === "lines" || typing === "json" ? (
        <textarea className={bad ? "field area bad" : "field area"} rows={2} {...common} onChange={(event) => change(event.target.value)} />
      ) : (
        <input className={bad ? "field s bad" : "field s"} inputMode={typing === "number" ? "decimal" : undefined} {...common} onChange={(event) => change(event.target.value)} />
      )}
      <span className="row">
        <span id={below} className={bad ? "small ferr grow" : "small t2 grow"}>{t(bad ? `conflicts.type.bad.${typing === "json" ? "json" : "number"}` : typing === "lines" ? "conflicts.type.lines" : "conflicts.from.typed")}</span>
        <button type="button" className="linkbtn small t2" onClick={() => onPick(null)}>{t("conflicts.type.undo")}</button>
      </span>
    </span>
  );
}
