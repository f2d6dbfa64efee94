import type { Circuit, ConnectionState } from "../api/types";
import { useI18n } from "../i18n";
import { Pill } from "../ui/parts";
import { connectionLook, LOOKS } from "./circuit";

export function ConnectionPill({ state, circuit }: { readonly state: ConnectionState; readonly circuit?: Circuit | undefined }) {
  const { t } = useI18n();
  const look = connectionLook(state, circuit);
  const { tone, icon } = LOOKS[look];
  return <Pill tone={tone} icon={icon}>{t(`connection.${look}`)}</Pill>;
}
