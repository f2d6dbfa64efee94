import "../../sync/sync.css";
import "./conflicts.css";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { conflictQuery, conflictsQuery } from "../../api/syncQueries";
import type { Conflict, ConflictKind, ConflictState } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { human, titleOf } from "../../sync/words";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading, Pill, Segmented } from "../../ui/parts";
import { BulkDecide } from "./BulkDecide";
import { ConflictDetail } from "./ConflictDetail";
import { ConflictList } from "./ConflictList";
import { canBeTicked, nextAfter } from "./decisions";
import { KINDS } from "./looks";
import { RulesDialog } from "./RulesDialog";

const STATES: readonly ConflictState[] = ["open", "answered", "decided", "settled", "told"];
const NOBODY: ReadonlySet<string> = new Set();
/** So many are decided at once, at most. */
const MOST = 500;

/** The inbox of an environment: the list, and beside it the entry that is looked at. */
export function ConflictsPage() {
  const { t } = useI18n();
  const { environment, permissions, href } = useHere();
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state")) ?? "open";
  const filter = { state, kind: params.get("kind") ?? "", entity: params.get("entity") ?? "" };
  const set = (changes: { readonly [name: string]: string }) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      for (const [name, value] of Object.entries(changes)) {
        if (value === "") next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(conflictsQuery(environment.slug, filter));
  const found = data?.pages.flatMap((page) => page.results) ?? [];
  const place = JSON.stringify([environment.slug, filter]);
  // The first entry stays chosen when others come: a click must not meet another one.
  const [first, setFirst] = useState({ place: "", id: "" });
  if (first.place !== place && found[0] !== undefined) setFirst({ place, id: found[0].id });
  const current = params.get("conflict") ?? (first.place === place ? first.id : "");
  const [ticks, setTicks] = useState<{ readonly place: string; readonly ids: ReadonlySet<string> }>({ place, ids: NOBODY });
  const ticked = ticks.place === place ? ticks.ids : NOBODY;
  const tick = (ids: readonly string[], take: boolean) => {
    const next = new Set(ticked);
    for (const id of ids) {
      if (!take) next.delete(id);
      else if (next.size < MOST) next.add(id);
    }
    setTicks({ place, ids: next });
  };
  const chosen = found.filter((one) => ticked.has(one.id));
  const [rules, setRules] = useState(false);
  const [said, setSaid] = useState<{ readonly text: string; readonly link: string | null } | null>(null);
  const mayTick = permissions.includes("start_runs") && (state === "open" || state === "answered");
  const entities = [...new Set([...found.map((one) => one.entity), filter.entity])].filter((one) => one !== "");
  const filtered = filter.kind !== "" || filter.entity !== "";
  const tickable = found.filter(canBeTicked);
  return (
    <div className="inboxpage">
      <div className="inboxside">
        <div className="inboxhead">
          <div className="row">
            <h1 className="grow">{t("nav.conflicts")}</h1>
            <button type="button" className="btn s ghost" onClick={() => setRules(true)}><Icon name="sliders" size={14} />{t("conflicts.rules")}</button>
          </div>
          <Segmented label={t("conflicts.state")} value={state} onChange={(value) => set({ state: value === "open" ? "" : value, conflict: "" })} options={STATES.map((value) => ({ value, label: t(`conflicts.tab.${value}`) }))} />
          <div className="row halves">
            <label>
              <span className="sr">{t("conflicts.kind")}</span>
              <select className="field s" value={filter.kind} onChange={(event) => set({ kind: event.target.value, conflict: "" })}>
                <option value="">{t("conflicts.allKinds")}</option>
                {(Object.keys(KINDS) as ConflictKind[]).map((one) => <option key={one} value={one}>{t(`conflicts.kind.${one}`)}</option>)}
              </select>
            </label>
            <label>
              <span className="sr">{t("sync.entity")}</span>
              <select className="field s" value={filter.entity} onChange={(event) => set({ entity: event.target.value, conflict: "" })}>
                <option value="">{t("sync.allEntities")}</option>
                {entities.map((one) => <option key={one} value={one}>{human(one)}</option>)}
              </select>
            </label>
          </div>
          {mayTick && tickable.length > 1 && (
            <label className="check small t2">
              <input type="checkbox" checked={chosen.length === tickable.length} onChange={(event) => tick(tickable.map((one) => one.id), event.target.checked)} />
              {t("conflicts.tickAll", { count: tickable.length })}
            </label>
          )}
        </div>
        <div className="inboxscroll">
          {data === undefined ? (
            error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />
          ) : found.length === 0 ? (
            <Empty icon="check" title={t(filtered ? "conflicts.noneFound" : `conflicts.empty.${state}`)} text={t(filtered ? "conflicts.noneFound.text" : state === "open" ? "conflicts.empty.open.text" : "conflicts.empty.text")}>
              {filtered && <button type="button" className="btn" onClick={() => set({ kind: "", entity: "" })}>{t("runs.clear")}</button>}
            </Empty>
          ) : (
            <ConflictList conflicts={found} current={current} ticked={mayTick ? ticked : null} onChoose={(id) => { setSaid(null); set({ conflict: id }); }} onTick={tick} />
          )}
          {hasNextPage && <div className="more"><button type="button" className="btn s" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("runs.more")}</button></div>}
        </div>
        {mayTick && chosen.length > 0 && (
          <BulkDecide
            chosen={chosen}
            onClear={() => setTicks({ place, ids: NOBODY })}
            onDone={(told) => {
              setTicks({ place, ids: NOBODY });
              set({ conflict: "" });
              setFirst({ place: "", id: "" });
              setSaid({ text: `${t("conflicts.bulk.done", { count: told.decided.length })}${told.left_out.length === 0 ? "" : ` ${t("conflicts.bulk.leftOut", { count: told.left_out.length })}`}`, link: null });
            }}
          />
        )}
      </div>
      <div className="inboxmain">
        <div role="status" className="inboxsaid">
          {said !== null && (
            <>
              <Pill tone="ok" icon="tick" large>{said.text}</Pill>
              {said.link !== null && <Link className="link" to={href(`/links/${said.link}`)}>{t("conflicts.openLink")}</Link>}
            </>
          )}
        </div>
        {current === "" ? (
          data !== undefined && <Empty icon="conflict" title={t("conflicts.none")} text={t("conflicts.none.text")} />
        ) : (
          <Entry
            key={current}
            id={current}
            known={found.find((one) => one.id === current)}
            hasNext={state === "open" && nextAfter(found.map((one) => one.id), current) !== null}
            onSaved={(saved, complete) => {
              const name = `${human(saved.entity)} ${titleOf(saved)}`;
              setSaid({ text: saved.state === "open" ? t("conflicts.said.some", { name }) : t(saved.looked_at ? "conflicts.said.now" : "conflicts.said.later", { name }), link: saved.link });
              const next = complete && state === "open" ? nextAfter(found.map((one) => one.id), saved.id) : null;
              set({ conflict: next ?? saved.id });
            }}
          />
        )}
      </div>
      {rules && <RulesDialog onClose={() => setRules(false)} />}
    </div>
  );
}

function Entry({ id, known, hasNext, onSaved }: { readonly id: string; readonly known: Conflict | undefined; readonly hasNext: boolean; readonly onSaved: Parameters<typeof ConflictDetail>[0]["onSaved"] }) {
  const query = conflictQuery(id);
  const { data, error, refetch } = useQuery({ ...query, ...(known === undefined ? {} : { placeholderData: known }) });
  if (data === undefined) return error === null ? <Loading lines={6} /> : <Failure error={error} retry={() => void refetch()} />;
  return <ConflictDetail conflict={data} hasNext={hasNext} onSaved={onSaved} />;
}
