import type { Conflict } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { RecordName } from "../../sync/RecordName";
import { human, titleOf } from "../../sync/words";
import { Icon } from "../../ui/Icon";
import { Pill, Time } from "../../ui/parts";
import { canBeTicked, CANDIDATES, RECORD } from "./decisions";
import { KINDS, STATES } from "./looks";

/** The inbox: one entry a row; rows can be ticked where many can be decided alike. */
export function ConflictList({
  conflicts,
  current,
  ticked,
  onChoose,
  onTick,
}: {
  readonly conflicts: readonly Conflict[];
  readonly current: string;
  /** Null: nothing can be ticked here. */
  readonly ticked: ReadonlySet<string> | null;
  readonly onChoose: (id: string) => void;
  readonly onTick: (ids: readonly string[], take: boolean) => void;
}) {
  const { t } = useI18n();
  return (
    <ul className="inbox" aria-label={t("nav.conflicts")}>
      {conflicts.map((one) => (
        <li key={one.id} className={one.id === current ? "on" : undefined}>
          {ticked !== null && (
            <label className="tickbox">
              <input
                type="checkbox"
                aria-label={t("conflicts.tick", { name: titleOf(one) })}
                checked={ticked.has(one.id)}
                disabled={!canBeTicked(one)}
                title={!canBeTicked(one) ? t("conflicts.tick.candidates") : undefined}
                onChange={(event) => onTick([one.id], event.target.checked)}
              />
            </label>
          )}
          <button type="button" aria-current={one.id === current} onClick={() => onChoose(one.id)}>
            <span className="row">
              <span className="med cut grow">{human(one.entity)} {titleOf(one)}</span>
              <Time at={one.created_at} className="small t2" />
            </span>
            <span className="row small t2 both">
              <RecordName record={one.left} />
              <Icon name="both" size={12} />
              <RecordName record={one.right} />
            </span>
            <span className="row">
              <Pill tone={STATES[one.state].tone} icon={KINDS[one.kind]}>{t(`conflicts.kind.${one.kind}`)}</Pill>
              <span className="small t2 cut">{about(one)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );

  function about(one: Conflict): string {
    if (one.fields.some((field) => field.field === RECORD || field.field === CANDIDATES)) return "";
    const names = one.fields.map((field) => human(field.field).toLowerCase()).join(", ");
    return `${t("conflicts.fields", { count: one.fields.length })}: ${names}`;
  }
}
