import type { RunState } from "../api/types";
import { useI18n } from "../i18n";
import type { IconName } from "../ui/Icon";
import { Pill, type Tone } from "../ui/parts";

const LOOKS: { readonly [S in RunState]: { readonly tone: Tone; readonly icon: IconName } } = {
  pending: { tone: "idle", icon: "clock" },
  running: { tone: "run", icon: "spinner" },
  waiting: { tone: "run", icon: "clock" },
  succeeded: { tone: "ok", icon: "check" },
  failed: { tone: "err", icon: "failed" },
  dead: { tone: "err", icon: "alert" },
  cancelled: { tone: "idle", icon: "minus" },
};

/** The state of a run as icon, word and colour. */
export function RunPill({ state, large = false }: { readonly state: RunState; readonly large?: boolean }) {
  const { t } = useI18n();
  const { tone, icon } = LOOKS[state];
  return (
    <Pill tone={tone} icon={icon} large={large} spin={state === "running"}>
      {t(`run.state.${state}`)}
    </Pill>
  );
}
