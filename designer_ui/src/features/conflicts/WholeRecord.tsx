import type { Json } from "../../api/types";
import { useI18n } from "../../i18n";
import { Value } from "../../sync/Value";
import { human } from "../../sync/words";
import { isMasked } from "../../ui/tree";

/** A record that is gone, or what it says while it is there; `then` is what it said before. */
export function WholeRecord({ value, then = false }: { readonly value: Json; readonly then?: boolean }) {
  const { t } = useI18n();
  if (value === null) return <span>{t("conflicts.gone")}</span>;
  if (typeof value !== "object" || Array.isArray(value) || isMasked(value)) return <Value value={value} />;
  return (
    <>
      {!then && t("conflicts.there")}
      {Object.entries(value).map(([name, one]) => (
        <span key={name} className="small recordfield"><span className="t2">{human(name)}</span> <Value value={one} /></span>
      ))}
    </>
  );
}
