/** JSON for people: as a table, as a tree, or as it is. */

import { useState } from "react";

import type { Json, JsonObject } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "./Icon";
import { Empty, Segmented } from "./parts";
import { isMasked, treeLines, type Line } from "./tree";

export type DataMode = "table" | "tree" | "json";

export function DataModes({ value, onChange }: { readonly value: DataMode; readonly onChange: (mode: DataMode) => void }) {
  const { t } = useI18n();
  return (
    <Segmented
      label={t("data.shownAs")}
      value={value}
      onChange={onChange}
      options={[
        { value: "table", label: t("data.table") },
        { value: "tree", label: t("data.tree") },
        { value: "json", label: "JSON" },
      ]}
    />
  );
}

export function DataView({ value, mode }: { readonly value: Json | undefined; readonly mode: DataMode }) {
  const { t } = useI18n();
  if (value === undefined || value === null) return <Empty icon="tray" title={t("data.nothing")} />;
  if (isMasked(value)) return <Empty icon="lock" title={t("data.masked")} text={t("data.masked.text")} />;
  if (mode === "json") return <pre className="jsonview" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
  if (mode === "table" && typeof value === "object") return <DataTable value={value} />;
  return <DataTree value={value} />;
}

function DataTree({ value }: { readonly value: Json }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const lines = treeLines(value, closed);
  const toggle = (path: string) => {
    const next = new Set(closed);
    if (!next.delete(path)) next.add(path);
    setClosed(next);
  };
  return (
    <ul className="tree" tabIndex={0}>
      {lines.map((line, index) => (
        <li key={line.path}>
          <span className="ln" aria-hidden="true">{index + 1}</span>
          <span className="k" style={{ paddingLeft: line.depth * 16 + (line.children === 0 && lines.some((one) => one.children > 0) ? 14 : 0) }}>
            {line.children === 0 ? (
              line.name
            ) : (
              <button type="button" aria-expanded={!line.closed} onClick={() => toggle(line.path)}>
                <Icon name={line.closed ? "right" : "down"} size={12} />
                {line.name}
              </button>
            )}
          </span>
          <Leaf line={line} />
        </li>
      ))}
    </ul>
  );
}

function Leaf({ line }: { readonly line: Line }) {
  const { t } = useI18n();
  if (line.children > 0) {
    return <span className="v z">{t(line.isList ? "data.values" : "data.fields", { count: line.children })}</span>;
  }
  return <Scalar value={line.value} />;
}

export function Scalar({ value, plain = false }: { readonly value: Json; readonly plain?: boolean }) {
  const { t } = useI18n();
  if (isMasked(value)) {
    return (
      <span className="chip">
        <Icon name="lock" size={12} />
        {t("data.hidden")}
      </span>
    );
  }
  if (value === null) return <span className="v z">{t("data.none")}</span>;
  if (value === "") return <span className="v z">{t("data.emptyText")}</span>;
  if (plain && typeof value !== "object") return <>{String(value)}</>;
  if (typeof value === "string") return <span className="v s">“{value}”</span>;
  if (typeof value === "object") {
    const size = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (plain && Array.isArray(value)) return <>{value.map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one))).join(", ")}</>;
    if (size === 0) return <span className="v z">{t("data.empty")}</span>;
    return <span className="v n">{JSON.stringify(value)}</span>;
  }
  return <span className="v n">{String(value)}</span>;
}

function DataTable({ value }: { readonly value: readonly Json[] | JsonObject }) {
  const { t } = useI18n();
  const rows: readonly (readonly [string, Json])[] = flatten(value);
  return (
    <div className="tablewrap" tabIndex={0}>
      <table className="kv card-less">
        <thead className="sr">
          <tr>
            <th scope="col">{t("data.field")}</th>
            <th scope="col">{t("data.value")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([path, one]) => (
            <tr key={path}>
              <td className="wrap" style={{ paddingLeft: 16 }}>{path}</td>
              <td className="wrap mono"><Scalar value={one} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function flatten(value: Json, path = ""): readonly (readonly [string, Json])[] {
  if (typeof value !== "object" || value === null || isMasked(value)) return [[path, value]];
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    const flat = list.every((one) => typeof one !== "object" || one === null);
    if (flat) return [[path, list.map((one) => String(one ?? "")).join(", ")]];
    return list.flatMap((one, index) => flatten(one, `${path}[${index}]`));
  }
  const entries = Object.entries(value as JsonObject);
  if (entries.length === 0) return [[path, value]];
  return entries.flatMap(([name, one]) => flatten(one, path === "" ? name : `${path}.${name}`));
}
