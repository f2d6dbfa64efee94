import type { LinkDetail } from "../../api/syncTypes";
import type { Json, JsonObject } from "../../api/types";
import { useI18n } from "../../i18n";
import { useSystems } from "../../sync/systems";
import { Value } from "../../sync/Value";
import { same } from "../../sync/values";
import { human } from "../../sync/words";
import { Empty, Pill } from "../../ui/parts";
import { isMasked } from "../../ui/tree";

/** What both sides said when they were last brought together. */
export function BaseCard({ link }: { readonly link: LinkDetail }) {
  const { t } = useI18n();
  const system = useSystems();
  const { left, right } = link.base;
  const masked = isMasked(left) || isMasked(right);
  const fields = masked ? [] : [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])];
  const of = (side: JsonObject | null, name: string): Json => side?.[name] ?? null;
  return (
    <section className="card" aria-label={t("links.base")}>
      <header><h2>{t("links.base")}</h2></header>
      {masked ? (
        <Empty icon="lock" title={t("data.masked")} text={t("data.masked.text")} />
      ) : fields.length === 0 ? (
        <Empty icon="hourglass" title={t("links.base.none")} text={t("links.base.none.text")} />
      ) : (
        <div className="tablewrap" tabIndex={0}>
          <table className="basetable">
            <thead>
              <tr>
                <th scope="col">{t("data.field")}</th>
                <th scope="col">{system(link.left.system).name}</th>
                <th scope="col">{system(link.right.system).name}</th>
              </tr>
            </thead>
            <tbody>
              {fields.map((name) => (
                <tr key={name}>
                  <th scope="row">{human(name)}</th>
                  <td><Value value={of(left, name)} /></td>
                  <td>{same(of(left, name), of(right, name)) ? <Value value={of(right, name)} /> : <span className="row"><Value value={of(right, name)} /><Pill tone="idle">{t("links.base.differs")}</Pill></span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
