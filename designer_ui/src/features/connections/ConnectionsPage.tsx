import "./connections.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { api } from "../../api/client";
import { connectionsQuery, loadQuery } from "../../api/queries";
import type { Connection, Json } from "../../api/types";
import { connectorLooks, connectorName } from "../../canvas/looks";
import { ConnectionPill } from "../../connections/ConnectionPill";
import { systemWords } from "../../connections/words";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading, Notice, Pill, Tile, Time } from "../../ui/parts";
import { ConnectionDialog } from "./ConnectionDialog";
import { Findings } from "./Findings";
import { otherFacts } from "./findings";
import { Deliveries, HookCard } from "./HookCard";
import { LoadCard } from "./LoadCard";

export function ConnectionsPage() {
  const { t } = useI18n();
  const { environment, permissions } = useHere();
  const [making, setMaking] = useState(false);
  const manages = permissions.includes("manage_connections");
  const [params, setParams] = useSearchParams();
  const { data, error, refetch } = useQuery(connectionsQuery(environment.slug));
  const chosen = data?.find((one) => one.slug === params.get("connection")) ?? data?.[0];
  const choose = (slug: string) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      next.set("connection", slug);
      return next;
    });
  return (
    <div className="page">
      <div className="pagehead">
        <div className="grow">
          <h1>{t("nav.connections")}</h1>
          <p>{t("connections.text", { name: environment.name })}</p>
        </div>
        {/* On an empty page it stands in the middle. */}
        {data?.length !== 0 && (
          <ActionButton icon="plus" kind="pri" reason={manages ? null : t("connections.mayNotManage")} onClick={() => setMaking(true)}>
            {t("connections.new")}
          </ActionButton>
        )}
      </div>
      {making && (
        <ConnectionDialog
          connection={null}
          onClose={() => setMaking(false)}
          onSaved={(slug) => {
            setMaking(false);
            choose(slug);
          }}
        />
      )}
      {data === undefined ? (
        <section className="card">{error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />}</section>
      ) : chosen === undefined ? (
        <section className="card">
          <Empty icon="plug" title={t("connections.empty")} text={t("connections.empty.text")}>
            <ActionButton icon="plus" kind="pri" reason={manages ? null : t("connections.mayNotManage")} onClick={() => setMaking(true)}>
              {t("connections.new")}
            </ActionButton>
          </Empty>
        </section>
      ) : (
        <div className="conns">
          <section className="card" aria-label={t("nav.connections")}>
            <ul className="connlist">
              {data.map((one) => {
                const looks = connectorLooks(one.connector);
                return (
                  <li key={one.slug}>
                    <button type="button" aria-current={one === chosen} onClick={() => choose(one.slug)}>
                      <Tile hue={looks.hue} icon={looks.icon} />
                      <span className="grow">
                        <span className="row">
                          <span className="med cut">{one.name}</span>
                          {one.is_twin && <Pill tone="idle">{t("connection.twin")}</Pill>}
                        </span>
                        <span className="small t2 cut" style={{ display: "block" }}>{systemWords(one)}</span>
                      </span>
                      <ConnectionPill state={one.state} circuit={one.circuit} />
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
          <Details key={chosen.slug} connection={chosen} />
        </div>
      )}
    </div>
  );
}

function words(value: Json): string {
  if (value === null) return "–";
  if (typeof value === "object") {
    if (Array.isArray(value)) return value.map((one) => words(one)).join(", ");
    return Object.entries(value).map(([name, one]) => `${name}: ${words(one)}`).join("\n");
  }
  return String(value);
}

function label(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Details({ connection }: { readonly connection: Connection }) {
  const { t } = useI18n();
  const { environment, permissions } = useHere();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const looks = connectorLooks(connection.connector);
  const check = useMutation({
    mutationFn: () =>
      api.post<unknown>(`/connections/${encodeURIComponent(environment.slug)}/${encodeURIComponent(connection.slug)}/check`),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["connections", environment.slug] }),
        client.invalidateQueries({ queryKey: loadQuery(environment.slug, connection.slug).queryKey }),
      ]),
  });
  const mayCheck = permissions.includes("manage_connections");
  return (
    <section className="card" aria-label={connection.name}>
      <header className="connhead">
        <Tile hue={looks.hue} icon={looks.icon} />
        <div className="grow">
          <h2 className="cut">{connection.name}</h2>
          <div className="small t2">{connectorName(connection.connector)}</div>
        </div>
        <ActionButton icon="pencil" small reason={mayCheck ? null : t("connections.mayNotManage")} onClick={() => setEditing(true)}>
          {t("connections.edit")}
        </ActionButton>
        <button type="button" className="btn s" disabled={check.isPending || !mayCheck} title={mayCheck ? undefined : t("connections.mayNot")} onClick={() => check.mutate()}>
          <Icon name={check.isPending ? "spinner" : "retry"} size={14} spin={check.isPending} />
          {check.isPending ? t("connections.checking") : t("connections.check")}
        </button>
      </header>
      {editing && <ConnectionDialog connection={connection} onClose={() => setEditing(false)} onSaved={() => setEditing(false)} />}
      <div className="conndetail">
        {check.error !== null && <Notice error={check.error} />}
        <dl className="facts">
          <dt>{t("connections.state")}</dt>
          <dd className="row">
            <ConnectionPill state={connection.state} circuit={connection.circuit} />
            <span className="small t2">{connection.state_message}</span>
          </dd>
          <dt>{t("connections.checked")}</dt>
          <dd>{connection.checked_at === null ? t("connections.never") : <Time at={connection.checked_at} />}</dd>
          {connection.circuit !== undefined && (
            <>
              <dt>{t("connections.calls")}</dt>
              <dd>
                {t("connections.calls.text", { count: connection.circuit.in_flight, limit: connection.circuit.limit })}
                {connection.circuit.next_try_at !== null && (
                  <span className="small t2"> · {t("connections.nextTry")} <Time at={connection.circuit.next_try_at} /></span>
                )}
              </dd>
            </>
          )}
          {connection.quiet != null && (
            <>
              <dt>{t("connections.quiet")}</dt>
              <dd>
                {connection.quiet.until === null ? (
                  t("connections.quiet.not", { zone: connection.quiet.zone })
                ) : (
                  <>
                    <Pill tone="warn" icon="clock">{t(`connections.quiet.${connection.quiet.mode}`)}</Pill>{" "}
                    <span className="small t2">{t("connections.quiet.until")} <Time at={connection.quiet.until} ahead /></span>
                  </>
                )}
              </dd>
            </>
          )}
          <dt>{t("connections.identity")}</dt>
          <dd className="mono wrap">{connection.system}</dd>
          {connection.is_twin && (
            <>
              <dt>{t("connections.kind")}</dt>
              <dd>{t("connection.twin.text")}</dd>
            </>
          )}
        </dl>
        <LoadCard connection={connection} />
        <Findings facts={connection.facts} />
        <Group title={t("connections.facts")} rows={otherFacts(connection.facts)} />
        <Group title={t("connections.settings")} rows={Object.entries(connection.settings)} />
        <h3 className="label">{t("connections.secrets")}</h3>
        {Object.keys(connection.secrets).length === 0 ? (
          <p className="t3 small">{t("connections.secrets.none")}</p>
        ) : (
          <dl className="facts">
            {Object.entries(connection.secrets).map(([name, { set, changed_at: changedAt }]) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{label(name)}</dt>
                <dd className="row">
                  <Pill tone={set ? "ok" : "idle"} icon={set ? "lock" : "minus"}>{set ? t("connections.set") : t("connections.notSet")}</Pill>
                  {typeof changedAt === "string" && <span className="small t2">{t("connections.changed")} <Time at={changedAt} /></span>}
                </dd>
              </div>
            ))}
          </dl>
        )}
        {typeof connection.hook_url === "string" && "webhook_secret" in connection.secrets && <HookCard connection={connection} url={connection.hook_url} />}
        {"webhook_secret" in connection.secrets && <Deliveries connection={connection} />}
      </div>
    </section>
  );
}

function Group({ title, rows }: { readonly title: string; readonly rows: readonly (readonly [string, Json])[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3 className="label">{title}</h3>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{label(name)}</dt>
            <dd className="wrap lines">{words(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
