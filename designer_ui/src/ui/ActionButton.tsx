/** A button for an act that somebody may not do: then it stays, says why, and does nothing. */

import { useId, type ReactNode } from "react";

import { Icon, type IconName } from "./Icon";

export function ActionButton({
  icon,
  kind = "",
  small = false,
  busy = false,
  disabled = false,
  reason = null,
  onClick,
  children,
}: {
  readonly icon?: IconName;
  readonly kind?: "" | "pri" | "ghost" | "danger";
  readonly small?: boolean;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** Why it cannot be done; null when it can. Told to those who reach the button. */
  readonly reason?: string | null;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  const id = useId();
  const refused = reason !== null;
  return (
    <>
      <button
        type="button"
        className={["btn", kind, small ? "s" : ""].filter(Boolean).join(" ")}
        disabled={disabled || busy}
        aria-disabled={refused ? true : undefined}
        aria-describedby={refused ? id : undefined}
        title={reason ?? undefined}
        onClick={() => {
          if (!refused) onClick();
        }}
      >
        {(busy || icon !== undefined) && <Icon name={busy ? "spinner" : (icon ?? "spinner")} size={14} spin={busy} />}
        {children}
      </button>
      {refused && <span id={id} className="sr">{reason}</span>}
    </>
  );
}
