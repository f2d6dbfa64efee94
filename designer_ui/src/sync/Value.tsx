import { Fragment } from "react";

import type { Json } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import { isMasked } from "../ui/tree";
import { isEmpty } from "./values";

/** A field's value in words; what may not be read is shown as that. */
export function Value({ value }: { readonly value: Json }) {
  const { t } = useI18n();
  if (isMasked(value)) return <span className="masked"><Icon name="lock" size={12} />{t("sync.masked")}</span>;
  if (isEmpty(value)) return <span className="t3">{t("sync.empty")}</span>;
  if (typeof value === "boolean") return <>{t(value ? "common.yes" : "common.no")}</>;
  if (Array.isArray(value) && value.every((one: Json) => typeof one !== "object" || one === null)) return <span className="wrap">{value.map(String).join(" · ")}</span>;
  if (typeof value === "object") return <span className="mono wrap">{JSON.stringify(value)}</span>;
  return <span className="wrap">{typeof value === "string" ? breaking(value) : String(value)}</span>;
}

/** Long addresses break behind their signs before they break anywhere. */
function breaking(text: string) {
  return text.split(/(?<=[@./_-])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
