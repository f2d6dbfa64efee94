/** A connection's hook: address, secret, a test event, and what was delivered last. */

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../../api/client";
import { connectionPath, deliveriesQuery } from "../../api/queries";
import type { Connection, Delivery, Refusal, TestEvent } from "../../api/types";
import { useI18n } from "../../i18n";
import { count } from "../../lib/format";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { Failure, Loading, Notice, Pill, Time } from "../../ui/parts";
import { RotateDialog } from "./RotateDialog";

export function CopyButton({ text }: { readonly text: string }) {
  const { t } = useI18n();
  const [done, setDone] = useState(false);
  return (
    <button type="button" className="btn s" onClick={() => void navigator.clipboard.writeText(text).then(() => setDone(true))}>
      <Icon name={done ? "tick" : "copy"} size={14} />
      {t(done ? "connections.copied" : "connections.copy")}
    </button>
  );
}

export function HookCard({ connection, url }: { readonly connection: Connection; readonly url: string }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const client = useQueryClient();
  const [rotating, setRotating] = useState(false);
  const test = useMutation({
    mutationFn: () => api.post<TestEvent>(connectionPath(environment.slug, connection.slug, "test-event")),
    onSettled: () => client.invalidateQueries({ queryKey: deliveriesQuery(environment.slug, connection.slug).queryKey }),
  });
  return (
    <>
      <h3 className="label">{t("connections.hook")}</h3>
      <div className="row">
        <code className="mono wrap hook grow">{url}</code>
        <CopyButton text={url} />
      </div>
      <p className="small t2">{t("connections.hook.text")}</p>
      <div className="row">
        <ActionButton icon="bell" small busy={test.isPending} onClick={() => test.mutate()}>{t("connections.test")}</ActionButton>
        <ActionButton icon="lock" small onClick={() => setRotating(true)}>{t("connections.rotate")}</ActionButton>
      </div>
      {test.error !== null && <Notice error={test.error} />}
      {test.data !== undefined && (
        <div className={test.data.arrived ? "row small" : "notice err"} role="status">
          <Icon name={test.data.arrived ? "check" : "alert"} size={14} />
          {test.data.arrived ? t("connections.test.arrived", { ms: test.data.ms }) : (
            <div className="grow wrap">
              <div className="med">{t("connections.test.failed")}</div>
              <p className="small">{test.data.message}</p>
            </div>
          )}
        </div>
      )}
      {rotating && <RotateDialog connection={connection} onClose={() => setRotating(false)} />}
    </>
  );
}

export function Deliveries({ connection }: { readonly connection: Connection }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const query = useInfiniteQuery({ ...deliveriesQuery(environment.slug, connection.slug), refetchInterval: 15_000 });
  const found = query.data?.pages.flatMap((page) => page.results);
  return (
    <>
      <h3 className="label">{t("connections.deliveries")}</h3>
      {found === undefined ? (
        query.error === null ? <Loading lines={2} /> : <Failure error={query.error} retry={() => void query.refetch()} />
      ) : found.length === 0 ? (
        <p className="small t3">{t("connections.deliveries.none")}</p>
      ) : (
        <ul className="deliveries" aria-label={t("connections.deliveries")}>
          {found.map((one, place) => (
            <li key={`${one.delivery_id}${place}`} className="small">
              <Time at={one.received_at} className="t2" />
              {one.refused === null ? (
                <span className="cut" title={one.delivery_id}>{what(one, t)}</span>
              ) : (
                <Refused refusal={one.refused} deliveryId={one.delivery_id} />
              )}
              <span className="row">
                {one.run_ids.map((id) => <Link key={id} to={`/runs/${id}`}>{t("connections.deliveries.run")}</Link>)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <ActionButton icon="down" small busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("connections.deliveries.more")}
        </ActionButton>
      )}
    </>
  );
}

function Refused({ refusal, deliveryId }: { readonly refusal: Refusal; readonly deliveryId: string }) {
  const { t, locale } = useI18n();
  return (
    <div className="wrap" title={deliveryId}>
      <span className="row">
        <Pill tone="err" icon="failed">{t("connections.deliveries.refused")}</Pill>
        {refusal.count > 1 && <span className="t2">{t("connections.deliveries.times", { count: count(refusal.count, locale) })}</span>}
      </span>
      <p>{refusal.reason}</p>
      {refusal.remedy !== "" && <p className="t2">{refusal.remedy}</p>}
    </div>
  );
}

function what(one: Delivery, t: ReturnType<typeof useI18n>["t"]): string {
  if (one.test) return t("connections.deliveries.test");
  if (one.type === null) return t("connections.deliveries.unheard");
  return `${one.entity ?? ""} ${one.business_key === "" ? (one.entity_id ?? "") : one.business_key} · ${one.change ?? ""}`;
}
