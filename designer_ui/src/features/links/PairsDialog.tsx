import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { api } from "../../api/client";
import type { Imported } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/parts";
import { COLUMNS, ENTITY, exportHref, faultOf, linesOf } from "./pairs";

/** Pairs of an entity out as CSV, and in. */
export function PairsDialog({ entity: first, entities, onClose }: { readonly entity: string; readonly entities: readonly string[]; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { environment, permissions } = useHere();
  const client = useQueryClient();
  const list = useId();
  const [entity, setEntity] = useState(first);
  const [file, setFile] = useState<{ readonly name: string; readonly text: string } | null>(null);
  const name = entity.trim();
  const known = ENTITY.test(name);
  const fault = file === null ? null : faultOf(file.text);
  const bring = useMutation({
    mutationFn: (csv: string) => api.post<Imported>("/links/pairs", { environment: environment.slug, entity: name, csv }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["links", environment.slug] }),
  });
  const mayNot = permissions.includes("start_runs") ? null : t("links.mayNot");
  const told = bring.data;
  return (
    <Dialog
      title={t("links.pairs")}
      text={t("links.pairs.text")}
      onClose={onClose}
      acts={
        <>
          {known ? <a className="btn" href={exportHref(environment.slug, name)} download={`links-${name}.csv`}><Icon name="arrowDown" size={14} />{t("links.export")}</a> : <button type="button" className="btn" disabled><Icon name="arrowDown" size={14} />{t("links.export")}</button>}
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.close")}</button></form>
          <ActionButton kind="pri" icon="arrowUp" reason={mayNot} busy={bring.isPending} disabled={!known || file === null || fault !== null} onClick={() => file !== null && bring.mutate(file.text)}>
            {file === null || fault !== null ? t("links.import") : t("links.import.do", { count: linesOf(file.text) })}
          </ActionButton>
        </>
      }
    >
      {bring.error !== null && <Notice error={bring.error} />}
      <Labelled label={t("sync.entity")} hint={t("links.new.entity")} problem={name === "" || known ? null : t("links.entity.bad")}>
        {(ids) => <input {...ids} list={list} className="field" autoComplete="off" spellCheck={false} value={entity} onChange={(event) => setEntity(event.target.value)} />}
      </Labelled>
      <datalist id={list}>{entities.map((one) => <option key={one} value={one} />)}</datalist>
      <Labelled label={t("links.import.file")} hint={t("links.import.hint", { columns: COLUMNS.join(", ") })} problem={fault === null ? null : t(`links.import.${fault}`, { columns: COLUMNS.join(", ") })}>
        {(ids) => (
          <input
            {...ids}
            type="file"
            accept=".csv,text/csv"
            disabled={mayNot !== null}
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              bring.reset();
              if (chosen === undefined) setFile(null);
              else void chosen.text().then((text) => setFile({ name: chosen.name, text }));
            }}
          />
        )}
      </Labelled>
      {mayNot !== null && <p className="small t2">{mayNot}</p>}
      <div role="status">
        {told !== undefined && (
          <>
            <p className="row fok"><Icon name="tick" size={14} />{t("links.import.made", { count: told.made })} {t("links.import.known", { count: told.known })}</p>
            {told.refused_count > 0 && (
              <>
                <p className="ferr">{t("links.import.refused", { count: told.refused_count })}</p>
                <ul className="refusedlines small" tabIndex={0}>{told.refused.map((one) => <li key={one.line}><span className="tn t2">{t("links.import.line", { line: one.line })}</span> {one.message}</li>)}</ul>
              </>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}
