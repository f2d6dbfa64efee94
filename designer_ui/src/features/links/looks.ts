import type { LinkState } from "../../api/syncTypes";
import type { IconName } from "../../ui/Icon";
import type { Tone } from "../../ui/parts";

export const STATES: { readonly [state in LinkState]: { readonly tone: Tone; readonly icon: IconName } } = {
  new: { tone: "idle", icon: "plus" },
  active: { tone: "ok", icon: "tick" },
  parked: { tone: "warn", icon: "conflict" },
  asleep: { tone: "idle", icon: "moon" },
  archived: { tone: "idle", icon: "tray" },
  gone: { tone: "idle", icon: "close" },
};
