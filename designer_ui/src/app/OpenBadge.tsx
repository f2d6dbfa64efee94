import { useQuery } from "@tanstack/react-query";

import { openConflictsQuery } from "../api/syncQueries";
import { useI18n } from "../i18n";
import { useHere } from "../session/session";

/** How many conflicts wait for a person here; nothing when none does. */
export function OpenBadge() {
  const { t } = useI18n();
  const { environment, permissions } = useHere();
  const { data } = useQuery({ ...openConflictsQuery(environment.slug), enabled: environment.slug !== "" && permissions.includes("read_runs") });
  if (data === undefined || data.count === 0) return null;
  return (
    <span className="badge" title={t("conflicts.badge", { count: data.count })}>
      <span aria-hidden="true">{data.more ? `${data.count}+` : data.count}</span>
      <span className="sr">{t("conflicts.badge", { count: data.count })}</span>
    </span>
  );
}
