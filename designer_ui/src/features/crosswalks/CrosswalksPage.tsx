import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { crosswalkQuery, crosswalksQuery } from "../../api/queries";
import type { CrosswalkDetail } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { Icon, type IconName } from "../../ui/Icon";
import { Empty, Failure, Loading, Time } from "../../ui/parts";
import { useTitle } from "../../ui/useTitle";

export function CrosswalksPage() {
  const { t } = useI18n();
  const { href } = useHere();
  const { data, error, refetch } = useQuery(crosswalksQuery);
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.crosswalks")}</h1>
          <p>{t("crosswalks.text")}</p>
        </div>
      </div>
      <section className="card">
        {data === undefined ? (
          error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />
        ) : data.length === 0 ? (
          <Empty icon="swap" title={t("crosswalks.empty")} text={t("crosswalks.empty.text")} />
        ) : (
          <div className="tablewrap">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("crosswalks.name")}</th>
                  <th scope="col">{t("crosswalks.left")}</th>
                  <th scope="col">{t("crosswalks.right")}</th>
                  <th scope="col" className="num">{t("crosswalks.entries")}</th>
                  <th scope="col" className="num">{t("crosswalks.changed")}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((one) => (
                  <tr key={one.slug} className="hit">
                    <td><Link className="tablelink" to={href(`/crosswalks/${one.slug}`)}>{one.name}</Link></td>
                    <td className="t2">{one.left_label}</td>
                    <td className="t2">{one.right_label}</td>
                    <td className="num">{one.entries_count ?? ""}</td>
                    <td className="num small t2">{one.changed_at !== undefined && <Time at={one.changed_at} />}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}

export function CrosswalkPage() {
  const { t } = useI18n();
  const { href } = useHere();
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(crosswalkQuery(slug));
  useTitle(data?.name ?? slug, t("nav.crosswalks"));
  return (
    <>
      <div className="sub">
        <Link className="crumb" to={href("/crosswalks")}>{t("nav.crosswalks")}</Link>
        <span className="crumbsep"><Icon name="right" size={12} /></span>
        <h1 className="cut">{data?.name ?? slug}</h1>
        {data !== undefined && <span className="small t2">{t("crosswalks.count", { count: data.entries.length })}</span>}
      </div>
      <div className="page">
        <section className="card">
          {data === undefined ? (
            error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />
          ) : data.entries.length === 0 ? (
            <Empty icon="swap" title={t("crosswalks.noEntries")} />
          ) : (
            <Entries crosswalk={data} />
          )}
        </section>
      </div>
    </>
  );
}

const DIRECTION_ICONS: { readonly [direction: string]: IconName } = {
  both: "both",
  to_right: "arrowRight",
  to_left: "arrowLeft",
};

function Entries({ crosswalk }: { readonly crosswalk: CrosswalkDetail }) {
  const { t } = useI18n();
  return (
    <div className="tablewrap">
      <table>
        <thead>
          <tr>
            <th scope="col">{crosswalk.left_label}</th>
            <th scope="col">{t("crosswalks.direction")}</th>
            <th scope="col">{crosswalk.right_label}</th>
            <th scope="col">{t("crosswalks.note")}</th>
          </tr>
        </thead>
        <tbody>
          {crosswalk.entries.map((one) => (
            <tr key={`${one.left}|${one.right}|${one.direction}`}>
              <td className="med">{one.left}</td>
              <td>
                <span className="row t2">
                  <Icon name={DIRECTION_ICONS[one.direction] ?? "both"} size={14} />
                  <span className="small">{t(`crosswalks.${one.direction}`)}</span>
                </span>
              </td>
              <td className="med tn">{one.right}</td>
              <td className="t2">{one.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
