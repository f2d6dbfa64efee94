import type { KnownRecord } from "../api/syncTypes";
import { useI18n } from "../i18n";
import { Tile } from "../ui/parts";
import { useSystems } from "./systems";

/** A record by the system that holds it and its id there. */
export function RecordName({ record }: { readonly record: KnownRecord }) {
  const { t } = useI18n();
  const look = useSystems()(record.system);
  return (
    <span className="recordname" title={record.id === "" ? record.system : `${record.system} · ${record.id}`}>
      <Tile hue={look.hue} icon={look.icon} size="xs" label={look.name} />
      <span className="cut tn">{record.id === "" ? <span className="t3">{t("sync.noRecord")}</span> : record.id}</span>
    </span>
  );
}
