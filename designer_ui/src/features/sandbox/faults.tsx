/** What can be broken in the two imitated systems, and how that looks. */

import type { Faults, Json, JsonObject } from "../../api/types";
import { useI18n, type MessageKey } from "../../i18n";
import type { IconName } from "../../ui/Icon";
import { Pill } from "../../ui/parts";

export interface Breakage {
  readonly twin: "shop" | "notes";
  readonly fault: string;
  /** What the control plane gets to switch it on. */
  readonly on: Json;
  readonly label: MessageKey;
  readonly text: MessageKey;
  readonly icon: IconName;
}

export const BREAKAGES: readonly Breakage[] = [
  { twin: "shop", fault: "down", on: true, label: "break.shopDown", text: "break.shopDown.text", icon: "power" },
  { twin: "shop", fault: "slow", on: { seconds: 3 }, label: "break.shopSlow", text: "break.shopSlow.text", icon: "slow" },
  { twin: "shop", fault: "access_denied", on: true, label: "break.denied", text: "break.denied.text", icon: "lock" },
  { twin: "shop", fault: "bad_data", on: true, label: "break.badData", text: "break.badData.text", icon: "bug" },
  { twin: "notes", fault: "down", on: true, label: "break.notesDown", text: "break.notesDown.text", icon: "power" },
  { twin: "notes", fault: "slow", on: { seconds: 3 }, label: "break.notesSlow", text: "break.notesSlow.text", icon: "slow" },
  { twin: "notes", fault: "lost_answer", on: { count: 1 }, label: "break.lost", text: "break.lost.text", icon: "help" },
];

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The faults that are on: twins answer with the map itself or with the map inside `faults`. */
export function activeFaults(faults: Faults | undefined): JsonObject {
  const inner = faults?.["faults"];
  return isObject(inner) ? inner : (faults ?? {});
}

export function isOn(faults: Faults | undefined, name: string): boolean {
  const value = activeFaults(faults)[name];
  return value !== undefined && value !== null && value !== false;
}

export function FaultPill({ faults, unreachable }: { readonly faults: Faults | undefined; readonly unreachable: boolean }) {
  const { t } = useI18n();
  if (unreachable || isOn(faults, "down")) return <Pill tone="err" icon="power">{t("sandbox.down")}</Pill>;
  if (isOn(faults, "access_denied")) return <Pill tone="warn" icon="lock">{t("break.denied")}</Pill>;
  if (isOn(faults, "slow")) return <Pill tone="warn" icon="slow">{t("sandbox.slow")}</Pill>;
  const others = Object.keys(activeFaults(faults)).filter((one) => isOn(faults, one));
  if (others.length > 0) return <Pill tone="warn" icon="bug">{t("sandbox.odd")}</Pill>;
  return <Pill tone="ok" icon="check">{t("sandbox.up")}</Pill>;
}
