/** A new flow: from nothing, or as a copy of one that is there. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Problem } from "../../api/client";
import type { FlowRow } from "../../api/types";
import type { Doc } from "../../document/model";
import { spotValue } from "../../document/model";
import { useI18n } from "../../i18n";
import { slugOf } from "../../lib/slug";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled, useFirstFocus } from "../../ui/Dialog";
import { Notice } from "../../ui/parts";
import { createFlow, readVersion } from "./editor/keep";

/** The smallest flow that the validator lets pass. */
function smallest(slug: string, name: string): Doc {
  return {
    slug,
    name,
    connections: {},
    nodes: [
      { id: "start", type: "flow.manual@1", name: "Start", params: {} },
      { id: "done", type: "flow.stop@1", name: "Done", params: {} },
    ],
    edges: [{ from: "start", port: "out", to: "done" }],
    layout: { nodes: { start: spotValue({ x: 0, y: 0 }), done: spotValue({ x: 0, y: 112 }) } },
  };
}

export default function NewFlowDialog({ flows, onClose }: { readonly flows: readonly FlowRow[]; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { href } = useHere();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [from, setFrom] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const focus = useFirstFocus<HTMLInputElement>();
  const slug = slugOf(name);
  const taken = flows.some((one) => one.slug === slug) || (error instanceof Problem && error.code === "slug_taken");
  const make = async () => {
    if (slug === "" || taken || busy) return;
    setBusy(true);
    setError(null);
    try {
      const model = flows.find((one) => one.slug === from);
      const doc = model === undefined ? smallest(slug, name.trim()) : { ...(await readVersion(model.slug, model.latest_version ?? 1)), slug, name: name.trim() };
      await createFlow(doc);
      await client.invalidateQueries({ queryKey: ["flows"] });
      void navigate(href(`/flows/${slug}`));
    } catch (fault) {
      setError(fault);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("flows.new")}
      text={t("flows.new.text")}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>{t("common.cancel")}</button>
          <ActionButton kind="pri" busy={busy} disabled={slug === "" || taken} onClick={() => void make()}>{t("flows.new.make")}</ActionButton>
        </>
      }
    >
      {error !== null && !taken && <Notice error={error} />}
      <Labelled label={t("flows.new.name")} hint={slug === "" ? undefined : t("flows.new.address", { slug })} problem={taken ? t("flows.new.taken") : null}>
        {(ids) => (
          <input
            {...ids}
            ref={focus}
            className="field"
            maxLength={120}
            autoComplete="off"
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setError(null);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") void make();
            }}
          />
        )}
      </Labelled>
      <Labelled label={t("flows.new.from")}>
        {(ids) => (
          <select {...ids} className="field" value={from} onChange={(event) => setFrom(event.target.value)}>
            <option value="">{t("flows.new.empty")}</option>
            {flows.map((one) => <option key={one.slug} value={one.slug}>{t("flows.new.copy", { name: one.name })}</option>)}
          </select>
        )}
      </Labelled>
    </Dialog>
  );
}
