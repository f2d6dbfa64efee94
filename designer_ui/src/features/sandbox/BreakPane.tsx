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

export function BreakPane({
  sandbox,
  happened,
  onHappen,
}: {
  readonly sandbox: SandboxState;
  readonly happened: readonly Happening[];
  readonly onHappen: (text: string) => void;
}) {
  const { t, locale } = useI18n();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ["sandbox"] });
  const set = useMutation({
    mutationFn: ({ one, on }: { readonly one: Breakage; readonly on: boolean }) => {
      const faults: { readonly [name: string]: Json } = { [one.fault]: on ? one.on : false };
      return api.post<unknown>(`/sandbox/${one.twin}/faults`, faults);
    },
    onSuccess: (_, { one, on }) => onHappen(t(on ? "break.on" : "break.off", { name: t(one.label) })),
    onSettled: renew,
  });
  const repair = useMutation({
    mutationFn: () => Promise.all([api.post<unknown>("/sandbox/shop/faults", { clear: true }), api.post<unknown>("/sandbox/notes/faults", { clear: true })]),
    onSuccess: () => onHappen(t("break.allOff")),
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
                aria-busy={set.isPending}
                onClick={() => {
                  // Not disabled meanwhile: that would take the keyboard's focus away.
                  if (!set.isPending) set.mutate({ one, on: !on });
                }}
              />
            </li>
          );
        })}
      </ul>
      <div className="bo" tabIndex={0} role="log" aria-label={t("break.happened")}>
        <h3 className="semi">{t("break.happened")}</h3>
        {happened.length === 0 ? (
          <p className="small t3">{t("break.happened.none")}</p>
        ) : (
          <ol className="small">
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
