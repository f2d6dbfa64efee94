import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { Json, SandboxState } from "../../api/types";
import { useI18n } from "../../i18n";
import { clock } from "../../lib/format";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/parts";
import { BREAKAGES, isOn, type Breakage } from "./faults";

export interface Happening {
  readonly id: string;
  readonly at: string;
  readonly text: string;
}

export function BreakPane({ sandbox, happened }: { readonly sandbox: SandboxState; readonly happened: readonly Happening[] }) {
  const { t, locale } = useI18n();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ["sandbox"] });
  const set = useMutation({
    mutationFn: ({ twin, faults }: { readonly twin: Breakage["twin"]; readonly faults: { readonly [name: string]: Json } }) =>
      api.post<unknown>(`/sandbox/${twin}/faults`, faults),
    onSettled: renew,
  });
  const repair = useMutation({
    mutationFn: () => Promise.all([api.post<unknown>("/sandbox/shop/faults", { clear: true }), api.post<unknown>("/sandbox/notes/faults", { clear: true })]),
    onSettled: renew,
  });
  const error = set.error ?? repair.error;
  return (
    <section className="pane brk" aria-label={t("break.title")}>
      <header className="ph">
        <h2 className="semi grow">{t("break.title")}</h2>
        <button type="button" className="btn ghost xs" disabled={repair.isPending} onClick={() => repair.mutate()}>{t("break.repair")}</button>
      </header>
      <p className="bw small t2">{t("break.safe")}</p>
      {error !== null && <div className="panenote"><Notice error={error} /></div>}
      <ul className="bl">
        {BREAKAGES.map((one) => {
          const on = isOn(sandbox[one.twin]?.faults, one.fault);
          const id = `break-${one.twin}-${one.fault}`;
          return (
            <li key={id} className={on ? "on" : undefined}>
              <span className="bi"><Icon name={one.icon} /></span>
              <label htmlFor={id} className="grow">
                <span className="med cut" style={{ display: "block" }}>{t(one.label)}</span>
                <span className="small t3 cut" style={{ display: "block" }}>{t(one.text)}</span>
              </label>
              <button
                id={id}
                type="button"
                role="switch"
                aria-checked={on}
                aria-label={t(one.label)}
                className="sw"
                disabled={set.isPending}
                onClick={() => set.mutate({ twin: one.twin, faults: { [one.fault]: on ? false : one.on } })}
              />
            </li>
          );
        })}
      </ul>
      <div className="bo">
        <h3 className="semi">{t("break.happened")}</h3>
        {happened.length === 0 ? (
          <p className="small t3">{t("break.happened.none")}</p>
        ) : (
          <ol className="small" aria-live="polite">
            {happened.map((one) => (
              <li key={one.id}>
                <time dateTime={one.at}>{clock(one.at, locale)}</time>
                <span>{one.text}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}
