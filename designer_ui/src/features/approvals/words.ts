import type { Approval } from "../../api/types";
import type { I18n } from "../../i18n";

/** Who is asked, in one line. */
export function askedOf(approval: Pick<Approval, "role" | "users">, t: I18n["t"]): string {
  const names = [...approval.users];
  if (approval.role !== "") names.push(t("approvals.role", { role: approval.role.replaceAll("_", " ") }));
  return names.length === 0 ? t("approvals.anyone") : names.join(", ");
}
