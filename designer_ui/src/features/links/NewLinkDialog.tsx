import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, Problem } from "../../api/client";
import { connectionsQuery } from "../../api/queries";
import type { LinkDetail, Side } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled, useFirstFocus } from "../../ui/Dialog";
import { Notice } from "../../ui/parts";
import { ENTITY } from "./pairs";

interface End {
  readonly system: string;
  readonly id: string;
}

/** Says by hand that two records are the same thing. */
export function NewLinkDialog({ entity: first, onClose }: { readonly entity: string; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const navigate = useNavigate();
  const client = useQueryClient();
  const focus = useFirstFocus<HTMLInputElement>();
  const connections = useQuery(connectionsQuery(environment.slug));
  const systems = (connections.data ?? []).filter((one) => one.system !== "");
  const [entity, setEntity] = useState(first);
  const [ends, setEnds] = useState<{ readonly [side in Side]: End }>({ left: { system: "", id: "" }, right: { system: "", id: "" } });
  const make = useMutation({
    mutationFn: () =>
      api.post<LinkDetail>("/links", {
        environment: environment.slug,
        entity: entity.trim(),
        left: { system: ends.left.system, id: ends.left.id.trim() },
        right: { system: ends.right.system, id: ends.right.id.trim() },
      }),
    onSuccess: (link) => {
      void client.invalidateQueries({ queryKey: ["links", environment.slug] });
      void navigate(href(`/links/${link.id}`));
    },
  });
  const known = ENTITY.test(entity.trim());
  const same = ends.left.system !== "" && ends.left.system === ends.right.system && ends.left.id.trim() === ends.right.id.trim();
  const ready = known && !same && (["left", "right"] as const).every((side) => ends[side].system !== "" && ends[side].id.trim() !== "");
  const wrong = make.error instanceof Problem ? make.error.errors : [];
  return (
    <Dialog
      title={t("links.new.title")}
      text={t("links.new.text")}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton kind="pri" icon="link" busy={make.isPending} disabled={!ready} onClick={() => make.mutate()}>{t("links.new.do")}</ActionButton>
        </>
      }
    >
      {make.error !== null && wrong.length === 0 && <Notice error={make.error} />}
      {wrong.map((one) => <p key={one.pointer} className="small ferr" role="alert">{one.pointer.slice(1)}: {one.message}</p>)}
      <Labelled label={t("sync.entity")} hint={t("links.new.entity")} problem={entity.trim() === "" || known ? null : t("links.entity.bad")}>
        {(ids) => <input {...ids} ref={focus} className="field" autoComplete="off" spellCheck={false} value={entity} onChange={(event) => setEntity(event.target.value)} />}
      </Labelled>
      {(["left", "right"] as const).map((side) => (
        <div key={side} className="newend">
          <Labelled label={t(`links.new.${side}`)}>
            {(ids) => (
              <select {...ids} className="field" value={ends[side].system} onChange={(event) => setEnds({ ...ends, [side]: { ...ends[side], system: event.target.value } })}>
                <option value="">{t("links.new.system")}</option>
                {systems.map((one) => <option key={one.slug} value={one.system}>{one.name}</option>)}
              </select>
            )}
          </Labelled>
          <Labelled label={t("links.new.id")} problem={side === "right" && same ? t("links.new.same") : null}>
            {(ids) => <input {...ids} className="field" autoComplete="off" maxLength={200} value={ends[side].id} onChange={(event) => setEnds({ ...ends, [side]: { ...ends[side], id: event.target.value } })} />}
          </Labelled>
        </div>
      ))}
    </Dialog>
  );
}
