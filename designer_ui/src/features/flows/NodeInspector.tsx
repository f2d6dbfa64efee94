/** What a node is set to, in words and tables; its JSON is one click away. */

import { Fragment, useState } from "react";

import type { FlowDocument, FlowNode, Json, JsonObject } from "../../api/types";
import { nodeLooks, place, spoken, summary, useCatalog } from "../../canvas/looks";
import { useI18n } from "../../i18n";
import { durationText, isoDuration } from "../../lib/format";
import { Icon } from "../../ui/Icon";
import { Segmented, Tile } from "../../ui/parts";
import { mapRows, plainParams, templateParts, type Source } from "./settings";

export function NodeInspector({ node, document, onClose }: { readonly node: FlowNode; readonly document: FlowDocument; readonly onClose: () => void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const catalog = useCatalog();
  const [mode, setMode] = useState<"words" | "json">("words");
  const looks = nodeLooks(node.type, catalog);
  const known = catalog?.node_types.find((one) => one.type === node.type);
  return (
    <aside className="insp" aria-label={t("node.inspector", { name: node.name })}>
      <div className="ih">
        <Tile hue={looks.hue} icon={looks.icon} />
        <div className="grow">
          <h2 className="h3 cut">{node.name}</h2>
          <div className="small t3 cut">{known?.title ?? node.type} · {place(node, document, {}, t)}</div>
        </div>
        <button type="button" className="btn ghost s sq" aria-label={t("common.close")} title={t("common.close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="ibar">
        <span className="h3 grow">{t("node.settings")}</span>
        <Segmented
          label={t("data.shownAs")}
          value={mode}
          onChange={setMode}
          options={[
            { value: "words", label: t("node.words") },
            { value: "json", label: "JSON" },
          ]}
        />
      </div>
      {mode === "json" ? (
        <pre className="jsonview grow" tabIndex={0}>{JSON.stringify(node, null, 2)}</pre>
      ) : (
        <div className="ibody" tabIndex={0}>
          <p className="t2">{known?.summary ?? summary(node, i18n, catalog)}</p>
          {node.type.startsWith("data.map@") ? <MapTable params={node.params ?? {}} /> : <Params params={node.params ?? {}} />}
          {node.type.startsWith("data.validate@") && <Rules params={node.params ?? {}} />}
          <Policy policy={node.policy ?? {}} isAction={known?.kind === "action" || node.connection !== undefined} />
          <Wires node={node} document={document} />
        </div>
      )}
    </aside>
  );
}

function isFlat(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && Object.values(value).every((one) => typeof one !== "object");
}

function Value({ value }: { readonly value: Json }) {
  const { t } = useI18n();
  if (typeof value === "string" && value.includes("{{")) return <Template text={value} />;
  if (value === "") return <span className="t3">{t("data.emptyText")}</span>;
  if (typeof value === "boolean") return <>{value ? t("common.yes") : t("common.no")}</>;
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return <>{value.join(", ")}</>;
    if (Array.isArray(value)) {
      return (
        <ul>
          {(value as readonly Json[]).map((one, index) => (
            <li key={index}>{isFlat(one) ? Object.entries(one).map(([name, part]) => `${name.replaceAll("_", " ")} ${String(part)}`).join(", ") : JSON.stringify(one)}</li>
          ))}
        </ul>
      );
    }
    return <code className="mono small">{JSON.stringify(value)}</code>;
  }
  return <>{String(value)}</>;
}

/** A path that breaks where its names end, not within them. */
function Path({ text }: { readonly text: string }) {
  const parts = text.split(/(?<=[._])/);
  return (
    <span>
      {parts.map((one, index) => (
        <Fragment key={index}>{index > 0 && <wbr />}{one}</Fragment>
      ))}
    </span>
  );
}

/** A text with its computed parts as tokens. */
function Template({ text }: { readonly text: string }) {
  return (
    <span className="toks">
      {templateParts(text).map((one, index) =>
        one.expression ? (
          <span key={index} className="tok"><Icon name="tag" size={12} /><Path text={one.text} /></span>
        ) : (
          <span key={index} className="t2">{one.text}</span>
        ),
      )}
    </span>
  );
}

function Params({ params }: { readonly params: JsonObject }) {
  const { t } = useI18n();
  const rows = plainParams(params);
  if (rows.length === 0) return <p className="t3 small">{t("node.noSettings")}</p>;
  return (
    <table className="set">
      <thead>
        <tr>
          <th scope="col">{t("node.setting")}</th>
          <th scope="col">{t("data.value")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <td className="t2">{name.replaceAll("_", " ")}</td>
            <td className="wrap"><Value value={value} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SourceCell({ source }: { readonly source: Source }) {
  const { t } = useI18n();
  switch (source.kind) {
    case "path":
      return <span className="tok"><Icon name="tag" size={12} /><Path text={source.text} /></span>;
    case "expression":
      return <Template text={source.text} />;
    case "value":
      return source.text === "" ? <span className="t3">{t("data.emptyText")}</span> : <>“{source.text}”</>;
    case "none":
      return <span className="t3">–</span>;
  }
}

function MapTable({ params }: { readonly params: JsonObject }) {
  const { t } = useI18n();
  const rows = mapRows(params);
  return (
    <table className="set map">
      <colgroup>
        <col style={{ width: "27%" }} />
        <col />
        <col style={{ width: "29%" }} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{t("map.target")}</th>
          <th scope="col">{t("map.source")}</th>
          <th scope="col">{t("map.functions")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.target}>
            <td className="med wrap">{one.target}</td>
            <td className="wrap"><SourceCell source={one.source} /></td>
            <td className="wrap">
              {one.functions.map((name) => (
                <span key={name} className="chip data">{name}</span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Rules({ params }: { readonly params: JsonObject }) {
  const { t } = useI18n();
  const rules = params["rules"];
  if (!Array.isArray(rules) || rules.length === 0) return null;
  return (
    <>
      <h3 className="label">{t("validate.rules")}</h3>
      <table className="set">
        <tbody>
          {(rules as readonly JsonObject[]).map((one, index) => (
            <tr key={index}>
              <td className="wrap"><code className="mono small">{spoken(one["when"])}</code></td>
              <td className="wrap">{String(one["message"] ?? "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Policy({ policy, isAction }: { readonly policy: JsonObject; readonly isAction: boolean }) {
  const { t, locale } = useI18n();
  if (!isAction && Object.keys(policy).length === 0) return null;
  const retry = (policy["retry"] ?? {}) as JsonObject;
  const time = (value: Json | undefined): string | null => {
    const ms = typeof value === "string" ? isoDuration(value) : null;
    return ms === null ? null : durationText(ms, locale);
  };
  const timeout = time(policy["timeout"]);
  const horizon = time(retry["horizon"]);
  const attempts = retry["max_attempts"];
  const onError = typeof policy["on_error"] === "string" ? policy["on_error"] : "fail";
  const words = onError === "continue" || onError === "route" ? (`policy.${onError}` as const) : ("policy.fail" as const);
  return (
    <>
      <h3 className="label">{t("policy.title")}</h3>
      <ul className="pol">
        {timeout !== null && <li><Icon name="clock" size={14} />{t("policy.timeout", { time: timeout })}</li>}
        {typeof attempts === "number" && (
          <li>
            <Icon name="retry" size={14} />
            {horizon === null ? t("policy.attempts", { count: attempts }) : t("policy.retry", { count: attempts, time: horizon })}
          </li>
        )}
        <li><Icon name="alert" size={14} />{t(words)}</li>
      </ul>
    </>
  );
}

function Wires({ node, document }: { readonly node: FlowNode; readonly document: FlowDocument }) {
  const { t, maybe } = useI18n();
  const nameOf = (id: string): string => document.nodes.find((one) => one.id === id)?.name ?? id;
  const before = document.edges.filter((one) => one.to === node.id);
  const after = document.edges.filter((one) => one.from === node.id);
  return (
    <>
      <h3 className="label">{t("node.wires")}</h3>
      <ul className="pol">
        {before.map((one) => (
          <li key={`${one.from}.${one.port}`}>
            <Icon name="arrowDown" size={14} />
            {t("node.after", { name: nameOf(one.from) })}
            {one.port !== "out" && <span className="chip">{maybe(`port.${one.port}`) ?? one.port}</span>}
          </li>
        ))}
        {after.map((one) => (
          <li key={`${one.to}.${one.port}`}>
            <Icon name="arrowRight" size={14} />
            {t("node.before", { name: nameOf(one.to) })}
            {one.port !== "out" && <span className="chip">{maybe(`port.${one.port}`) ?? one.port}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
