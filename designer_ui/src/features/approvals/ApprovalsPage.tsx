import "./approvals.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { api } from "../../api/client";
import { approvalsQuery } from "../../api/queries";
import type { Approval, Decision } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading, Notice, Pill, Time } from "../../ui/parts";
import { askedOf } from "./words";

/** What runs ask people in this environment; the chosen question is decided beside the list. */
export function ApprovalsPage() {
  const { t } = useI18n();
  const { environment } = useHere();
  const [params, setParams] = useSearchParams();
  const { data, error, refetch } = useQuery(approvalsQuery(environment.slug));
  const [done, setDone] = useState<Approval | null>(null);
  // The first question stays chosen when others come or go: a click must not meet another one.
  const [first, setFirst] = useState({ environment: "", id: "" });
  if (first.environment !== environment.slug && data?.[0] !== undefined) setFirst({ environment: environment.slug, id: data[0].id });
  const wanted = params.get("approval") ?? first.id;
  const chosen = data?.find((one) => one.id === wanted);
  const choose = (id: string) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      next.set("approval", id);
      return next;
    });
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.approvals")}</h1>
          <p>{t("approvals.text", { name: environment.name })}</p>
        </div>
      </div>
      <div role="status">
        {done !== null && done.decision !== null && (
          <Pill tone={done.decision === "approved" ? "ok" : "idle"} icon={done.decision === "approved" ? "tick" : "close"}>
            {t(`approvals.done.${done.decision}`, { title: done.title })}
          </Pill>
        )}
      </div>
      {data === undefined ? (
        <section className="card">{error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />}</section>
      ) : data.length === 0 ? (
        <section className="card"><Empty icon="check" title={t("approvals.empty")} text={t("approvals.empty.text")} /></section>
      ) : (
        <div className="approvals">
          <section className="card" aria-label={t("nav.approvals")}>
            <ul className="approvallist">
              {data.map((one) => (
                <li key={one.id}>
                  <button type="button" aria-current={one === chosen} onClick={() => choose(one.id)}>
                    <span className="grow">
                      <span className="med wrap">{one.title}</span>
                      <span className="small t2 cut" style={{ display: "block" }}>
                        {one.flow.name}
                        {one.business_key !== "" && ` · ${one.business_key}`}
                      </span>
                    </span>
                    <span className="small t2"><Time at={one.until} ahead /></span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
          {chosen === undefined ? (
            <section className="card"><Empty icon="tick" title={t("approvals.gone")} text={t("approvals.gone.text")} /></section>
          ) : (
            <Question key={chosen.id} approval={chosen} onDone={setDone} />
          )}
        </div>
      )}
    </div>
  );
}

function Question({ approval, onDone }: { readonly approval: Approval; readonly onDone: (done: Approval) => void }) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const client = useQueryClient();
  const field = useId();
  const [comment, setComment] = useState("");
  const decide = useMutation({
    mutationFn: (decision: Decision) =>
      api.post<Approval>(`/approvals/${encodeURIComponent(approval.id)}/decide`, { decision, comment }),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ["approvals", environment.slug] }),
  });
  return (
    <section className="card" aria-label={approval.title}>
      <header><h2 className="wrap">{approval.title}</h2></header>
      <div className="question">
        {approval.masked && <p className="small t2">{t("approvals.masked")}</p>}
        {approval.message !== "" && <p className="message wrap">{approval.message}</p>}
        <dl className="facts">
          <dt>{t("approvals.flow")}</dt>
          <dd><Link to={href(`/flows/${encodeURIComponent(approval.flow.slug)}`)}>{approval.flow.name}</Link></dd>
          <dt>{t("approvals.run")}</dt>
          <dd><Link to={href(`/runs/${approval.run}`)}>{approval.business_key === "" ? approval.run : approval.business_key}</Link></dd>
          <dt>{t("approvals.asked")}</dt>
          <dd>{askedOf(approval, t)}, <Time at={approval.asked_at} /></dd>
          <dt>{t("approvals.until")}</dt>
          <dd><Time at={approval.until} ahead /></dd>
        </dl>
        {decide.error !== null && <Notice error={decide.error} />}
        <label htmlFor={field}>{t("approvals.comment")}</label>
        <textarea
          id={field}
          maxLength={1000}
          rows={3}
          value={comment}
          disabled={!approval.may_decide}
          onChange={(event) => setComment(event.target.value)}
        />
        {!approval.may_decide && <p className="small t2">{t("approvals.mayNot")}</p>}
        <div className="row">
          <button type="button" className="btn pri" disabled={!approval.may_decide || decide.isPending} onClick={() => decide.mutate("approved")}>
            <Icon name="tick" size={14} />
            {t("approvals.approve")}
          </button>
          <button type="button" className="btn" disabled={!approval.may_decide || decide.isPending} onClick={() => decide.mutate("rejected")}>
            <Icon name="close" size={14} />
            {t("approvals.reject")}
          </button>
        </div>
      </div>
    </section>
  );
}
