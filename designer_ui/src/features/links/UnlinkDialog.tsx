import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api } from "../../api/client";
import { linkQuery } from "../../api/syncQueries";
import type { LinkDetail } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { titleOf } from "../../sync/words";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled, useFirstFocus } from "../../ui/Dialog";
import { Notice } from "../../ui/parts";

/** Forgets that two records belong together, once the record was named. */
export function UnlinkDialog({ link, name, onClose }: { readonly link: LinkDetail; readonly name: string; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const navigate = useNavigate();
  const client = useQueryClient();
  const first = useFirstFocus<HTMLInputElement>();
  const [text, setText] = useState("");
  const wanted = titleOf(link);
  const unlink = useMutation({
    mutationFn: () => api.delete(`/links/${encodeURIComponent(link.id)}`),
    onSuccess: () => {
      void navigate(href("/links"));
      client.removeQueries({ queryKey: linkQuery(link.id).queryKey });
      void client.invalidateQueries({ queryKey: ["links", environment.slug] });
      void client.invalidateQueries({ queryKey: ["conflicts", environment.slug] });
    },
  });
  return (
    <Dialog
      title={t("links.unlink.title", { name })}
      text={t("links.unlink.text")}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton kind="danger" icon="close" busy={unlink.isPending} disabled={text.trim() !== wanted.trim()} onClick={() => unlink.mutate()}>{t("links.unlink")}</ActionButton>
        </>
      }
    >
      {unlink.error !== null && <Notice error={unlink.error} />}
      <Labelled label={t("links.unlink.type", { name: wanted })}>
        {(ids) => <input {...ids} ref={first} className="field" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />}
      </Labelled>
    </Dialog>
  );
}
