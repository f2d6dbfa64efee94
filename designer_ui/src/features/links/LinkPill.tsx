import type { LinkState } from "../../api/syncTypes";
import { useI18n } from "../../i18n";
import { Pill } from "../../ui/parts";
import { STATES } from "./looks";

export function LinkPill({ state, large = false }: { readonly state: LinkState; readonly large?: boolean }) {
  const { t } = useI18n();
  return <Pill tone={STATES[state].tone} icon={STATES[state].icon} large={large} title={t(`links.state.${state}.text`)}>{t(`links.state.${state}`)}</Pill>;
}
