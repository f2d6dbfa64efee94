/** Makes or changes a connection: a form out of the connector's own description, then a check. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, Problem } from "../../api/client";
import { catalogQuery, connectionPath } from "../../api/queries";
import type { Connection, Connector } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled, useFirstFocus } from "../../ui/Dialog";
import { Loading, Notice } from "../../ui/parts";
import { fieldsOf, filled, keyOf, shown, type Values } from "./form";
import { slugOf } from "../../lib/slug";
import { SchemaField } from "./SchemaField";

interface Props {
  /** Null: a new one. */
  readonly connection: Connection | null;
  readonly onClose: () => void;
  readonly onSaved: (slug: string) => void;
}

export function ConnectionDialog(props: Props) {
  const { t } = useI18n();
  const { data } = useQuery(catalogQuery);
  if (data === undefined) return <Dialog title={t("connections.new")} onClose={props.onClose} acts={null}><Loading /></Dialog>;
  return <Form {...props} connectors={data.connectors} />;
}

function Form({ connection, connectors, onClose, onSaved }: Props & { readonly connectors: readonly Connector[] }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const client = useQueryClient();
  const focus = useFirstFocus<HTMLInputElement>();
  const [chosen, setChosen] = useState(connection?.connector ?? "prestashop");
  const connector = connectors.find((one) => one.id === chosen) ?? connectors[0];
  const fields = connector === undefined ? [] : [...fieldsOf(connector.settings_schema, "settings"), ...fieldsOf(connector.secrets_schema, "secrets")];
  const [name, setName] = useState(connection?.name ?? "");
  const [ownSlug, setSlug] = useState<string | null>(null);
  const slug = connection?.slug ?? ownSlug ?? slugOf(name);
  const [values, setValues] = useState<Values>(() =>
    connection === null ? {} : Object.fromEntries(fields.map((one) => [keyOf(one), shown(one, connection.settings[one.name])])),
  );
  // What the server said of a field counts until the field is changed.
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const { settings, secrets, faults } = filled(fields, values);
  const save = useMutation({
    mutationFn: async () => {
      const body = { name, settings, secrets };
      if (connection === null) await api.post("/connections", { ...body, slug, environment: environment.slug, connector: chosen });
      else await api.patch(connectionPath(environment.slug, slug), body);
      // What is stored stays stored whatever becomes of the check; the page shows its answer.
      await api.post(connectionPath(environment.slug, slug, "check")).catch(() => undefined);
    },
    onMutate: () => setTouched(new Set()),
    onSuccess: () => onSaved(slug),
    onSettled: () => client.invalidateQueries({ queryKey: ["connections", environment.slug] }),
  });
  const told = save.error instanceof Problem ? save.error.errors : [];
  const problemAt = (key: string): string | null => {
    const fault = faults[key];
    if (fault !== undefined) return t(`connections.${fault}.bad`);
    if (touched.has(key)) return null;
    return told.find((one) => one.pointer === key || one.pointer.startsWith(`${key}/`))?.message ?? null;
  };
  return (
    <Dialog
      title={connection === null ? t("connections.new") : t("connections.edit.title", { name: connection.name })}
      text={t("connections.new.text")}
      wide
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton icon="check" kind="pri" busy={save.isPending} disabled={Object.keys(faults).length > 0} onClick={() => save.mutate()}>
            {t("connections.save")}
          </ActionButton>
        </>
      }
    >
      {save.error !== null && <Notice error={save.error} />}
      {connection === null && (
        <Labelled label={t("connections.connector")} problem={problemAt("/connector")}>
          {(ids) => (
            <select {...ids} className="field" value={chosen} onChange={(event) => setChosen(event.target.value)}>
              {connectors.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </select>
          )}
        </Labelled>
      )}
      <Labelled label={t("connections.name")} problem={problemAt("/name")}>
        {(ids) => <input {...ids} ref={focus} className="field" maxLength={120} value={name} onChange={(event) => setName(event.target.value)} />}
      </Labelled>
      {connection === null && (
        <Labelled label={t("connections.slug")} hint={t("connections.slug.hint")} problem={problemAt("/slug")}>
          {(ids) => <input {...ids} className="field mono" maxLength={64} value={slug} onChange={(event) => setSlug(event.target.value)} />}
        </Labelled>
      )}
      {fields.map((one) => (
        <SchemaField
          key={`${chosen}${keyOf(one)}`}
          field={one}
          value={values[keyOf(one)] ?? ""}
          stored={one.group === "secrets" && connection?.secrets[one.name]?.set === true}
          problem={problemAt(keyOf(one))}
          onChange={(value) => {
            setValues((old) => ({ ...old, [keyOf(one)]: value }));
            setTouched((old) => new Set(old).add(keyOf(one)));
          }}
        />
      ))}
    </Dialog>
  );
}
