import { Link } from "react-router";

import type { LinkDetail } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { RecordName } from "../../sync/RecordName";
import { Value } from "../../sync/Value";
import { human } from "../../sync/words";
import { Empty, Pill, Time } from "../../ui/parts";

/** What was proven to have arrived on either side, newest first. */
export function ReceiptsCard({ link }: { readonly link: LinkDetail }) {
  const { t } = useI18n();
  const { href } = useHere();
  const receipts = [...link.receipts].sort((one, other) => (one.at < other.at ? 1 : -1));
  return (
    <section className="card" aria-label={t("links.receipts")}>
      <header><h2>{t("links.receipts")}</h2></header>
      {receipts.length === 0 ? (
        <Empty icon="receipt" title={t("links.receipts.none")} text={t("links.receipts.none.text")} />
      ) : (
        <div className="tablewrap" tabIndex={0}>
          <table className="receipts">
            <thead>
              <tr>
                <th scope="col">{t("links.receipts.record")}</th>
                <th scope="col">{t("links.receipts.action")}</th>
                <th scope="col">{t("links.receipts.fields")}</th>
                <th scope="col">{t("receipt.result")}</th>
                <th scope="col" className="num">{t("runs.when")}</th>
              </tr>
            </thead>
            <tbody>
              {receipts.map((one) => (
                <tr key={`${one.run}${one.system}${one.at}`}>
                  <td className="recordcell"><RecordName record={{ system: one.system, id: one.record_id }} /></td>
                  <td className="t2">{human(one.action)}</td>
                  <td>
                    {one.fields.map((field) => (
                      <div key={field.field} className={field.result === "diverged" ? "small ferr" : "small"}>
                        <span className="med">{field.field}</span> <Value value={field.read_back} />
                      </div>
                    ))}
                  </td>
                  <td><Pill tone={one.verdict === "diverged" ? "err" : "ok"} icon={one.verdict === "diverged" ? "alert" : "receipt"}>{t(one.verdict === "absorbed" ? "receipt.absorbed" : `receipt.${one.verdict}`)}</Pill></td>
                  <td className="num small nowrap"><Link className="link" to={href(`/runs/${one.run}`)}><Time at={one.at} /></Link></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
