import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import { syncRulesQuery } from "../../api/syncQueries";
import type { SyncRule } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { human } from "../../sync/words";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog } from "../../ui/Dialog";
import { Empty, Failure, Loading, Notice, Time } from "../../ui/parts";

/** The decisions that were remembered; forgetting one asks a person again. */
export function RulesDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const { permissions } = useHere();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(syncRulesQuery);
  const forget = useMutation({
    mutationFn: (rule: SyncRule) => api.delete(`/sync-rules/${encodeURIComponent(rule.id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: syncRulesQuery.queryKey }),
  });
  const mayNot = permissions.includes("start_runs") ? null : t("conflicts.mayNot");
  return (
    <Dialog title={t("conflicts.rules")} text={t("conflicts.rules.text")} wide onClose={onClose} acts={<><span className="grow" /><form method="dialog"><button className="btn">{t("common.close")}</button></form></>}>
      {forget.error !== null && <Notice error={forget.error} />}
      {data === undefined ? (
        error === null ? <Loading /> : <Failure error={error} retry={() => void refetch()} />
      ) : data.length === 0 ? (
        <Empty icon="sliders" title={t("conflicts.rules.empty")} text={t("conflicts.rules.empty.text")} />
      ) : (
        <ul className="rulelist">
          {data.map((one) => (
            <li key={one.id}>
              <span className="grow">
                <span className="wrap">{t(`conflicts.rules.${one.winner}`, { field: human(one.field), entity: human(one.entity) })}</span>
                <span className="small t2">{one.created_by}, <Time at={one.created_at} /></span>
              </span>
              <ActionButton small reason={mayNot} busy={forget.isPending && forget.variables.id === one.id} onClick={() => forget.mutate(one)}>{t("conflicts.rules.forget")}</ActionButton>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
