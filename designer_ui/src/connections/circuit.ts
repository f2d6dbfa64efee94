/** Which words and colours a connection gets: its own state first, then that of its circuit. */

import type { Circuit, ConnectionState } from "../api/types";
import type { IconName } from "../ui/Icon";
import type { Tone } from "../ui/parts";

export type ConnectionLook = ConnectionState | "open" | "half_open" | "paused" | "throttled";

export const LOOKS: { readonly [L in ConnectionLook]: { readonly tone: Tone; readonly icon: IconName } } = {
  healthy: { tone: "ok", icon: "check" },
  unchecked: { tone: "idle", icon: "help" },
  needs_attention: { tone: "err", icon: "alert" },
  open: { tone: "warn", icon: "clock" },
  half_open: { tone: "run", icon: "retry" },
  paused: { tone: "warn", icon: "clock" },
  throttled: { tone: "warn", icon: "clock" },
};

/** A connection that needs a person says so whatever its circuit does. */
export function connectionLook(state: ConnectionState, circuit: Circuit | undefined): ConnectionLook {
  if (state === "needs_attention" || circuit === undefined) return state;
  if (circuit.state !== "closed") return circuit.state;
  return circuit.limit < circuit.cap ? "throttled" : state;
}
