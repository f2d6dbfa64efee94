/** What two people changed differently, side by side; each is decided by hand. */

import { useState } from "react";

import { settle, type Conflict } from "../../../document/merge";
import type { Doc } from "../../../document/model";
import { isObj, printValue, type Value } from "../../../document/value";
import { useI18n } from "../../../i18n";
import { Dialog } from "../../../ui/Dialog";

type Side = "mine" | "theirs";

export function MergeDialog({ doc, conflicts, onDone }: { readonly doc: Doc; readonly conflicts: readonly Conflict[]; readonly onDone: (doc: Doc) => void }) {
  const { t } = useI18n();
  const [sides, setSides] = useState<readonly Side[]>(conflicts.map(() => "mine"));
  const done = () => onDone(conflicts.reduce((found, one, index) => settle(found, one, sides[index] ?? "mine"), doc));
  const words = (value: Value | undefined): string => {
    if (value === undefined) return t("merge.nothing");
    if (typeof value === "string") return value === "" ? t("data.emptyText") : value;
    return isObj(value) && typeof value["name"] === "string" ? value["name"] : printValue(value);
  };
  const nameOf = (id: string): string => (id === "" ? doc.name : (doc.nodes.find((one) => one.id === id)?.name ?? id));
  return (
    <Dialog
      wide
      title={t("merge.title", { count: conflicts.length })}
      text={t("merge.text")}
      onClose={done}
      acts={
        <>
          <span className="grow" />
          <button type="button" className="btn pri" onClick={done}>{t("merge.done")}</button>
        </>
      }
    >
      {conflicts.map((one, index) => (
        <fieldset key={index} className="clash">
          <legend className="med">{nameOf(one.node)} <span className="t3">{one.path.join(" › ")}</span></legend>
          <p className="small t3">{t("merge.before", { value: words(one.base) })}</p>
          {(["mine", "theirs"] as const).map((side) => (
            <label key={side} className="check">
              <input
                type="radio"
                name={`clash-${index}`}
                checked={sides[index] === side}
                onChange={() => setSides(sides.map((old, place) => (place === index ? side : old)))}
              />
              <span><span className="med">{t(`merge.${side}`)}</span> <span className="wrap">{words(one[side])}</span></span>
            </label>
          ))}
        </fieldset>
      ))}
    </Dialog>
  );
}
