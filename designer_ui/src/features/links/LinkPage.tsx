import "../../sync/sync.css";
import "./links.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { api } from "../../api/client";
import { linkQuery } from "../../api/syncQueries";
import type { LinkDetail } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { human, titleOf } from "../../sync/words";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { Failure, Loading, Notice, Pill } from "../../ui/parts";
import { useTitle } from "../../ui/useTitle";
import { BaseCard } from "./BaseCard";
import { FactsCard } from "./FactsCard";
import { LinkPill } from "./LinkPill";
import { ReceiptsCard } from "./ReceiptsCard";
import { UnlinkDialog } from "./UnlinkDialog";

export function LinkPage() {
  const { t } = useI18n();
  const { href } = useHere();
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery(linkQuery(id));
  const name = data === undefined ? "" : `${human(data.entity)} ${titleOf(data)}`;
  useTitle(name, t("nav.links"));
  return (
    <>
      <div className="sub">
        <Link className="crumb" to={href("/links")}>{t("nav.links")}</Link>
        <span className="crumbsep"><Icon name="right" size={12} /></span>
        <h1 className="cut">{name === "" ? t("nav.links") : name}</h1>
        {data !== undefined && <><LinkPill state={data.state} /><span className="small t2 cut wide">{t(`links.state.${data.state}.text`)}</span><span className="grow" /><Acts link={data} name={name} /></>}
      </div>
      <div className="page">
        {data === undefined ? (
          <section className="card">{error === null ? <Loading lines={8} /> : <Failure error={error} retry={() => void refetch()} />}</section>
        ) : (
          <>
            {data.conflicts.some((one) => one.state === "open" || one.state === "answered") && <OpenNotice link={data} />}
            <div className="linkgrid">
              <FactsCard link={data} />
              <BaseCard link={data} />
            </div>
            <ReceiptsCard link={data} />
            {data.conflicts.length > 0 && <ConflictsCard link={data} />}
          </>
        )}
      </div>
    </>
  );
}

function Acts({ link, name }: { readonly link: LinkDetail; readonly name: string }) {
  const { t } = useI18n();
  const { permissions, href } = useHere();
  const client = useQueryClient();
  const [unlinking, setUnlinking] = useState(false);
  const mayNot = permissions.includes("start_runs") ? null : t("links.mayNot");
  const refresh = useMutation({
    mutationFn: () => api.post<{ readonly run_ids: readonly string[] }>(`/links/${encodeURIComponent(link.id)}/refresh`),
    onSuccess: () => {
      // The run takes a moment; the page asks again by itself, and once soon.
      window.setTimeout(() => void client.invalidateQueries({ queryKey: linkQuery(link.id).queryKey }), 2_000);
    },
  });
  const [run] = refresh.data?.run_ids ?? [];
  return (
    <>
      <span role="status" className="row small">
        {refresh.isSuccess && <><Pill tone="run" icon="clock">{t(run === undefined ? "links.refresh.known" : "links.refresh.started")}</Pill>{run !== undefined && <Link className="link" to={href(`/runs/${run}`)}>{t("conflicts.run")}</Link>}</>}
      </span>
      <ActionButton small icon="retry" reason={mayNot} busy={refresh.isPending} onClick={() => refresh.mutate()}>{t("links.refresh")}</ActionButton>
      <ActionButton small icon="close" reason={mayNot} onClick={() => setUnlinking(true)}>{t("links.unlink")}</ActionButton>
      {refresh.error !== null && <div className="floatnotice"><Notice error={refresh.error} /></div>}
      {unlinking && <UnlinkDialog link={link} name={name} onClose={() => setUnlinking(false)} />}
    </>
  );
}

function OpenNotice({ link }: { readonly link: LinkDetail }) {
  const { t } = useI18n();
  const { href } = useHere();
  const open = link.conflicts.find((one) => one.state === "open");
  const one = open ?? link.conflicts.find((each) => each.state === "answered");
  return (
    <div className="notice warn">
      <Icon name="conflict" />
      <p className="grow">{t(open === undefined ? "links.answered" : "links.waits")}</p>
      {one !== undefined && <Link className="link" to={href(`/conflicts?${new URLSearchParams({ conflict: one.id, ...(one.state === "open" ? {} : { state: one.state }) }).toString()}`)}>{t(open === undefined ? "links.see" : "links.decide")}</Link>}
    </div>
  );
}

function ConflictsCard({ link }: { readonly link: LinkDetail }) {
  const { t } = useI18n();
  const { href } = useHere();
  return (
    <section className="card">
      <header><h2>{t("nav.conflicts")}</h2></header>
      <ul className="linkconflicts">
        {link.conflicts.map((one) => (
          <li key={one.id} className="row">
            <Link className="tablelink grow cut" to={href(`/conflicts?${new URLSearchParams({ conflict: one.id, ...(one.state === "open" ? {} : { state: one.state }) }).toString()}`)}>
              {t(`conflicts.kind.${one.kind}`)}
            </Link>
            <span className="small t2">{t(`conflicts.state.${one.state}`)}{one.decided_by !== "" && `, ${one.decided_by}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
