import { Link } from "react-router";

import type { LinkDetail } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { useSystems } from "../../sync/systems";
import { human } from "../../sync/words";
import { Tile, Time } from "../../ui/parts";

/** Which two records these are, and how they fared. */
export function FactsCard({ link }: { readonly link: LinkDetail }) {
  const { t } = useI18n();
  const { href } = useHere();
  const system = useSystems();
  const confirmed = link.receipts.find((one) => one.verdict !== "diverged");
  return (
    <section className="card" aria-label={t("links.facts")}>
      <header><h2>{t("links.facts")}</h2></header>
      <div className="ends">
        {(["left", "right"] as const).map((side) => {
          const look = system(link[side].system);
          return (
            <div key={side} className="end">
              <Tile hue={look.hue} icon={look.icon} />
              <div className="grow">
                <div className="med cut" title={link[side].system}>{look.name === "" ? t("sync.noRecord") : look.name}</div>
                <div className="small t2 wrap tn">{link[side].id === "" ? t("sync.noRecord") : link[side].id}</div>
              </div>
            </div>
          );
        })}
      </div>
      <dl className="linkfacts">
        <dt>{t("links.synced")}</dt>
        <dd>{link.synced_at === null ? t("links.never") : <Time at={link.synced_at} />}</dd>
        <dt>{t("links.confirmed")}</dt>
        <dd>{confirmed === undefined ? t("links.never") : <Time at={confirmed.at} />}</dd>
        <dt>{t("links.flow")}</dt>
        <dd>{link.flow === null ? <span className="t2">{t("links.noFlow")}</span> : <Link className="link" to={href(`/flows/${encodeURIComponent(link.flow)}${link.node === "" ? "" : `?node=${encodeURIComponent(link.node)}`}`)}>{link.flow}</Link>}</dd>
        <dt>{t("links.writes")}</dt>
        <dd className="tn">{link.writes} <span className="t2">{t("links.echoes", { count: link.echoes })}</span></dd>
        <dt>{t("links.hops")}</dt>
        <dd className={link.hops === 0 ? "tn" : "tn fwarn"}>{link.hops === 0 ? t("links.hops.none") : t("links.hops.some", { count: link.hops })}</dd>
        {link.pending.length > 0 && (
          <>
            <dt>{t("links.pending")}</dt>
            <dd>{link.pending.map((one) => <div key={`${one.side}${one.action}`}>{t(`links.pending.${one.side}`, { action: human(one.action), fields: one.fields.map(human).join(", ") })}</div>)}</dd>
          </>
        )}
        <dt>{t("links.created")}</dt>
        <dd><Time at={link.created_at} /></dd>
      </dl>
    </section>
  );
}
