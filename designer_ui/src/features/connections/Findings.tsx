/** What the last check looked at, each thing with its remedy. */

import type { JsonObject } from "../../api/types";
import { useI18n } from "../../i18n";
import { Pill } from "../../ui/parts";
import { findingsOf } from "./findings";

const LOOKS = {
  ok: { tone: "ok", icon: "tick" },
  warn: { tone: "warn", icon: "alert" },
  fail: { tone: "err", icon: "failed" },
} as const;

export function Findings({ facts }: { readonly facts: JsonObject }) {
  const { t } = useI18n();
  const found = findingsOf(facts);
  if (found.length === 0) return null;
  return (
    <>
      <h3 className="label">{t("connections.findings")}</h3>
      <ul className="findings" aria-label={t("connections.findings")}>
        {found.map((one) => (
          <li key={one.id}>
            <Pill {...LOOKS[one.level]}>{t(`connections.finding.${one.level}`)}</Pill>
            <div className="wrap">
              {one.says}
              {one.remedy !== "" && <div className="small t2">{one.remedy}</div>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
