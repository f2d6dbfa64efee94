import type { Conflict, Side } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import type { SystemLook } from "../../sync/systems";
import { human } from "../../sync/words";
import { Tile } from "../../ui/parts";
import { deletesOn, writesOf, type Draft } from "./decisions";

const SIDES: readonly Side[] = ["left", "right"];

/** What saving writes where, and what happens next in a sentence. */
export function SavingCard({ conflict, draft, complete, names }: { readonly conflict: Conflict; readonly draft: Draft; readonly complete: boolean; readonly names: { readonly [side in Side]: SystemLook } }) {
  const { t } = useI18n();
  const writes = writesOf(conflict, draft);
  const none = writes.left.length === 0 && writes.right.length === 0;
  return (
    <section className="card ccard">
      <h3 className="h3">{t("conflicts.next")}</h3>
      {SIDES.filter((side) => writes[side].length > 0).map((side) => (
        <p key={side} className="row">
          <Tile hue={names[side].hue} icon={names[side].icon} size="xs" />
          <span className="grow">{t("conflicts.writes", { count: writes[side].length, name: names[side].name })}</span>
          <span className="small t2 cut">{writes[side].map((one) => human(one).toLowerCase()).join(", ")}</span>
        </p>
      ))}
      <p className={deletesOn(conflict, draft) === null ? "small t2" : "small ferr"}>{t(next())}</p>
    </section>
  );

  function next() {
    if (!complete) return "conflicts.next.incomplete" as const;
    const [first] = conflict.fields;
    const pick = first === undefined ? undefined : draft[first.field];
    if (conflict.kind === "candidates") return pick?.by === "candidate" && pick.id === null ? ("conflicts.next.none" as const) : ("conflicts.next.candidate" as const);
    if (conflict.kind === "deleted") return deletesOn(conflict, draft) !== null ? ("conflicts.next.deletes" as const) : ("conflicts.next.makes" as const);
    return none ? ("conflicts.next.nothing" as const) : ("conflicts.next.writes" as const);
  }
}
