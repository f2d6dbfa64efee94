/** One setting or secret as the control that fits its kind. */

import { useI18n } from "../../i18n";
import { Labelled } from "../../ui/Dialog";
import type { Field } from "./form";

export function SchemaField({
  field,
  value,
  stored,
  problem,
  onChange,
}: {
  readonly field: Field;
  readonly value: string;
  /** A secret that is there already; its value never comes back. */
  readonly stored: boolean;
  readonly problem: string | null;
  readonly onChange: (value: string) => void;
}) {
  const { t } = useI18n();
  const fallback = field.fallback === undefined || typeof field.fallback === "object" ? "" : String(field.fallback);
  const hints = [
    field.hint,
    field.kind === "list" ? t("connections.list.hint") : "",
    stored ? t("connections.secret.keep") : "",
    fallback === "" ? "" : t("connections.default", { value: fallback }),
  ];
  const hint = hints.filter((one) => one !== "").join(" · ");
  const options = field.kind === "yesno" ? ["true", "false"] : field.choices;
  return (
    <Labelled label={`${field.title}${field.required ? " *" : ""}`} hint={hint === "" ? undefined : hint} problem={problem}>
      {(ids) => {
        const common = { ...ids, value, required: field.required && !stored };
        if (field.kind === "choice" || field.kind === "yesno") {
          return (
            <select {...common} className="field" onChange={(event) => onChange(event.target.value)}>
              <option value="">–</option>
              {options.map((one) => <option key={one} value={one}>{one}</option>)}
            </select>
          );
        }
        if (field.kind === "json") {
          return <textarea {...common} className="field area mono" rows={4} spellCheck={false} onChange={(event) => onChange(event.target.value)} />;
        }
        return (
          <input
            {...common}
            className="field"
            type={field.kind === "secret" ? "password" : "text"}
            autoComplete={field.kind === "secret" ? "new-password" : "off"}
            inputMode={field.kind === "number" ? "numeric" : undefined}
            placeholder={field.example}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Labelled>
  );
}
