import { Link } from "react-router";

import type { LinkRow } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { RecordName } from "../../sync/RecordName";
import { human, titleOf } from "../../sync/words";
import { Pill, Time } from "../../ui/parts";
import { LinkPill } from "./LinkPill";

export function LinksTable({ links }: { readonly links: readonly LinkRow[] }) {
  const { t } = useI18n();
  const { href } = useHere();
  return (
    <div className="tablewrap">
      <table className="linktable">
        <thead>
          <tr>
            <th scope="col">{t("runs.record")}</th>
            <th scope="col">{t("sync.entity")}</th>
            <th scope="col">{t("links.left")}</th>
            <th scope="col">{t("links.right")}</th>
            <th scope="col">{t("links.state")}</th>
            <th scope="col" className="num wide">{t("links.writes")}</th>
            <th scope="col" className="num">{t("links.synced")}</th>
          </tr>
        </thead>
        <tbody>
          {links.map((one) => (
            <tr key={one.id} className="hit">
              <td><Link className="tablelink" to={href(`/links/${one.id}`)}>{titleOf(one)}</Link></td>
              <td className="t2">{human(one.entity)}</td>
              <td className="recordcell"><RecordName record={one.left} /></td>
              <td className="recordcell"><RecordName record={one.right} /></td>
              <td>
                <span className="row">
                  <LinkPill state={one.state} />
                  {one.open && one.state !== "parked" && <Pill tone="warn" icon="conflict">{t("links.open")}</Pill>}
                </span>
              </td>
              <td className="num wide t2">{one.writes}</td>
              <td className="num small t2 nowrap">{one.synced_at === null ? t("links.never") : <Time at={one.synced_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
