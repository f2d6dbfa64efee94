import type { MessageKey } from "../i18n";
import type { IconName } from "../ui/Icon";

/** The pages of the rail, in its order. `key` is what follows G on the keyboard. */
export interface Place {
  readonly path: string;
  readonly label: MessageKey;
  readonly icon: IconName;
  readonly key: string;
  readonly demoOnly?: boolean;
  /** What is counted beside it. */
  readonly badge?: "conflicts";
}

export const PLACES: readonly Place[] = [
  { path: "/", label: "nav.home", icon: "home", key: "h" },
  { path: "/flows", label: "nav.flows", icon: "flow", key: "f" },
  { path: "/runs", label: "nav.runs", icon: "play", key: "r" },
  { path: "/conflicts", label: "nav.conflicts", icon: "conflict", key: "o", badge: "conflicts" },
  { path: "/links", label: "nav.links", icon: "link", key: "l" },
  { path: "/approvals", label: "nav.approvals", icon: "check", key: "a" },
  { path: "/crosswalks", label: "nav.crosswalks", icon: "swap", key: "x" },
  { path: "/connections", label: "nav.connections", icon: "plug", key: "c" },
  { path: "/sandbox", label: "nav.sandbox", icon: "sandbox", key: "s", demoOnly: true },
];

export function placesFor(demo: boolean, permissions: readonly string[]): readonly Place[] {
  return PLACES.filter((one) => one.demoOnly !== true || (demo && permissions.includes("use_sandbox")));
}
