import type { Side } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import type { SystemLook } from "../../sync/systems";
import { human } from "../../sync/words";
import type { Decision } from "./decisions";

/** Makes rules of the sides that were chosen, each told as a sentence. */
export function RememberCard({
  entity,
  rules,
  names,
  remember,
  onRemember,
}: {
  readonly entity: string;
  readonly rules: readonly Decision[];
  readonly names: { readonly [side in Side]: SystemLook };
  readonly remember: boolean;
  readonly onRemember: (remember: boolean) => void;
}) {
  const { t } = useI18n();
  return (
    <section className="card ccard">
      <label className="check">
        <input type="checkbox" checked={remember} onChange={(event) => onRemember(event.target.checked)} />
        <span className="med">{t("conflicts.remember", { count: rules.length })}</span>
      </label>
      <ul className={remember ? "small" : "small t2"}>
        {rules.map((one) => (
          <li key={one.field}>{t("conflicts.rule", { field: human(one.field), entity: human(entity), name: names[one.choice === "right" ? "right" : "left"].name })}</li>
        ))}
      </ul>
    </section>
  );
}
