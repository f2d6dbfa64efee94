import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";

import { api } from "../api/client";
import { flowsQuery } from "../api/queries";
import type { Page, RunRow } from "../api/types";
import { useI18n } from "../i18n";
import { RunPill } from "../runs/RunPill";
import { useHere } from "../session/session";
import { Icon, type IconName } from "../ui/Icon";
import { Modal, Time } from "../ui/parts";
import type { Place } from "./places";

interface Found {
  readonly id: string;
  readonly group: string;
  readonly icon: IconName;
  readonly label: string;
  readonly aside?: ReactNode;
  readonly href: string;
}

const MOST = 6;

function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), ms);
    return () => window.clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Search everything: flows, runs by business key, pages. Arrows choose, Enter goes. */
export function QuickSearch({ places, onClose }: { readonly places: readonly Place[]; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const navigate = useNavigate();
  const list = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const asked = useSettled(text.trim(), 180);
  const flows = useQuery(flowsQuery(environment.slug));
  const runs = useQuery({
    queryKey: ["search", environment.slug, asked],
    queryFn: ({ signal }) =>
      api.get<Page<RunRow>>("/runs", { environment: environment.slug, q: asked }, signal),
    enabled: asked.length > 1,
  });

  const found = useMemo<readonly Found[]>(() => {
    const fits = (one: string): boolean => wanted === "" || one.toLowerCase().includes(wanted);
    const pages = places
      .filter((one) => fits(t(one.label)))
      .map((one): Found => ({ id: one.path, group: t("search.pages"), icon: one.icon, label: t(one.label), href: one.path }));
    const flowRows = (flows.data ?? [])
      .filter((one) => fits(one.name) || fits(one.slug))
      .slice(0, MOST)
      .map((one): Found => ({
        id: `flow:${one.slug}`,
        group: t("nav.flows"),
        icon: "flow",
        label: one.name,
        href: `/flows/${one.slug}`,
      }));
    const runRows =
      wanted.length > 1
        ? (runs.data?.results ?? []).slice(0, MOST).map((one): Found => ({
            id: `run:${one.id}`,
            group: t("nav.runs"),
            icon: "play",
            label: `${one.business_key === "" ? one.id : one.business_key} · ${one.flow.name}`,
            aside: (
              <>
                <RunPill state={one.state} />
                <Time at={one.created_at} className="small t3" />
              </>
            ),
            href: `/runs/${one.id}`,
          }))
        : [];
    return [...runRows, ...flowRows, ...pages];
  }, [wanted, places, flows.data, runs.data, t]);

  const chosen = Math.min(at, found.length - 1);
  const go = (one: Found | undefined) => {
    if (one === undefined) return;
    onClose();
    void navigate(href(one.href));
  };

  return (
    <Modal label={t("search.button")} className="palette" onClose={onClose}>
      <div className="q">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={found[chosen] === undefined ? undefined : `${list}-${chosen}`}
          aria-label={t("search.button")}
          placeholder={t("search.button")}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, found.length - 1));
            else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
            else if (event.key === "Enter") go(found[chosen]);
            else return;
            event.preventDefault();
          }}
        />
        <kbd className="kbd">Esc</kbd>
      </div>
      <ul id={list} role="listbox" aria-label={t("search.results")}>
        {found.map((one, index) => (
          <li key={one.id} role="presentation">
            {one.group !== found[index - 1]?.group && <div className="grp label" role="presentation">{one.group}</div>}
            <div
              id={`${list}-${index}`}
              className="op"
              role="option"
              aria-selected={index === chosen}
              onPointerMove={() => setAt(index)}
              onClick={() => go(one)}
            >
              <Icon name={one.icon} />
              <span className="grow cut">{one.label}</span>
              {one.aside}
            </div>
          </li>
        ))}
        {found.length === 0 && <li className="grp t2">{runs.isFetching ? t("common.loading") : t("search.nothing")}</li>}
      </ul>
    </Modal>
  );
}
