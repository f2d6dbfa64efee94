import type { ConflictKind, ConflictState } from "../../api/syncTypes";
import type { IconName } from "../../ui/Icon";
import type { Tone } from "../../ui/parts";

export const KINDS: { readonly [kind in ConflictKind]: IconName } = {
  fields: "conflict",
  deleted: "close",
  loop: "loop",
  diverged: "alert",
  overruled: "flag",
  candidates: "people",
};

export const STATES: { readonly [state in ConflictState]: { readonly tone: Tone; readonly icon: IconName } } = {
  open: { tone: "warn", icon: "conflict" },
  answered: { tone: "run", icon: "clock" },
  decided: { tone: "ok", icon: "tick" },
  settled: { tone: "idle", icon: "check" },
  told: { tone: "idle", icon: "info" },
};
