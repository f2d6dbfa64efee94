import type { ConnectionState } from "../api/types";
import { useI18n } from "../i18n";
import type { IconName } from "../ui/Icon";
import { Pill, type Tone } from "../ui/parts";

const LOOKS: { readonly [S in ConnectionState]: { readonly tone: Tone; readonly icon: IconName } } = {
  healthy: { tone: "ok", icon: "check" },
  unchecked: { tone: "idle", icon: "help" },
  needs_attention: { tone: "err", icon: "alert" },
};

export function ConnectionPill({ state }: { readonly state: ConnectionState }) {
  const { t } = useI18n();
  const { tone, icon } = LOOKS[state];
  return <Pill tone={tone} icon={icon}>{t(`connection.${state}`)}</Pill>;
}
