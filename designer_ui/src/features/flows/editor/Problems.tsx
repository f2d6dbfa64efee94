/** Everything that the server's validator says of the draft; each line leads to its field. */

import type { FlowProblem } from "../../../api/editing";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";

export function Problems({ problems, nameOf, onLead, onClose }: { readonly problems: readonly FlowProblem[]; readonly nameOf: (node: string) => string; readonly onLead: (problem: FlowProblem) => void; readonly onClose: () => void }) {
  const { t } = useI18n();
  return (
    <section className="problems" aria-label={t("problems.title")}>
      <header>
        <h2 className="h3 grow">{t("problems.title")}</h2>
        <button type="button" className="btn ghost xs sq" aria-label={t("common.close")} onClick={onClose}><Icon name="close" size={14} /></button>
      </header>
      <ul>
        {problems.map((one, index) => (
          <li key={index}>
            <button type="button" onClick={() => onLead(one)}>
              <span className={one.severity === "error" ? "ferr" : "fwarn"}><Icon name="alert" size={14} /></span>
              <span className="sr">{t(`problems.${one.severity}`)}</span>
              <span className="med nowrap cut pnode">{one.node === "" ? t("problems.flow") : nameOf(one.node)}</span>
              <span className="grow">{one.message} <span className="t2">{one.fix}</span></span>
              <Icon name="right" size={12} />
            </button>
          </li>
        ))}
        {problems.length === 0 && <li className="t2 pnone">{t("problems.none")}</li>}
      </ul>
    </section>
  );
}
