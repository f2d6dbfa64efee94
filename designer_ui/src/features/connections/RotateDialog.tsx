/** Makes a new webhook secret and shows it, this once. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { connectionPath } from "../../api/queries";
import type { Connection, HookSecret } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog } from "../../ui/Dialog";
import { Notice, Time } from "../../ui/parts";
import { CopyButton } from "./HookCard";

export function RotateDialog({ connection, onClose }: { readonly connection: Connection; readonly onClose: () => void }) {
  const { t } = useI18n();
  const { environment } = useHere();
  const client = useQueryClient();
  const [keep, setKeep] = useState(true);
  const rotate = useMutation({
    mutationFn: () => api.post<HookSecret>(connectionPath(environment.slug, connection.slug, "hook-secret"), { keep_old: keep }),
    onSettled: () => client.invalidateQueries({ queryKey: ["connections", environment.slug] }),
  });
  const made = rotate.data;
  return (
    <Dialog
      title={t("connections.rotate.title")}
      text={t("connections.rotate.text")}
      onClose={onClose}
      acts={
        <>
          <span className="grow" />
          <form method="dialog"><button className="btn">{t(made === undefined ? "common.cancel" : "common.close")}</button></form>
          {made === undefined && <ActionButton icon="lock" kind="pri" busy={rotate.isPending} onClick={() => rotate.mutate()}>{t("connections.rotate.do")}</ActionButton>}
        </>
      }
    >
      {rotate.error !== null && <Notice error={rotate.error} />}
      {made === undefined ? (
        <label className="row">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
          {t("connections.rotate.keep")}
        </label>
      ) : (
        <div role="status">
          <div className="label">{t("connections.rotate.shown")}</div>
          <div className="row"><code className="mono wrap hook grow">{made.secret}</code><CopyButton text={made.secret} /></div>
          {made.old_until !== null && <p className="small t2">{t("connections.rotate.until")} <Time at={made.old_until} ahead /></p>}
        </div>
      )}
    </Dialog>
  );
}
