/** The inspector of a node that is edited: name, connection, settings, what if it fails, wires. */

import { useEffect, useRef, useState } from "react";

import type { FlowProblem } from "../../../api/editing";
import type { Catalog } from "../../../api/types";
import { connectorName, nodeLooks } from "../../../canvas/looks";
import type { Command } from "../../../document/commands";
import { valueOfDoc, type Doc, type DocNode } from "../../../document/model";
import { typeOf } from "../../../document/ports";
import { printValue } from "../../../document/value";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { Segmented, Tile } from "../../../ui/parts";
import { FieldEditor } from "./FieldEditor";
import { fieldsOf, pathInNode, problemsAt, type Field } from "./form";

/** The policy of every node, in the words of the schema of flows. */
const POLICY: readonly Field[] = fieldsOf({
  properties: {
    on_error: { enum: ["fail", "continue", "route"], default: "fail" },
    timeout: { type: "string", examples: ["PT30S"], default: "PT30S" },
    retry: {
      type: "object",
      properties: {
        max_attempts: { type: "integer", default: 12 },
        horizon: { type: "string", examples: ["PT6H"], default: "PT6H" },
      },
    },
  },
});

export interface NodeEditorProps {
  readonly node: DocNode;
  readonly doc: Doc;
  readonly catalog: Catalog | undefined;
  readonly problems: readonly FlowProblem[];
  readonly portsOf: (node: string) => readonly string[];
  readonly run: (command: Command) => void;
  readonly onAdd: (port: string) => void;
  readonly onClose: () => void;
}

export function NodeEditor({ node, doc, catalog, problems, portsOf, run, onAdd, onClose }: NodeEditorProps) {
  const { t } = useI18n();
  const [mode, setMode] = useState<"form" | "json">("form");
  const looks = nodeLooks(node.type, catalog);
  const known = typeOf(catalog, node.type);
  const own = problems.filter((one) => one.node === node.id);
  const fields = fieldsOf(known?.params_schema ?? {});
  const names = new Set(fields.map((one) => one.name));
  const strange = Object.keys(node.params ?? {}).filter((one) => !names.has(one));
  const name = node.name ?? "";
  // What no field of the form shows is told on top.
  const shown = new Set(["params", "policy", "name", "connection", "note"]);
  const rest = own.filter((one) => {
    const [head, field] = pathInNode(one);
    if (head === undefined || !shown.has(head)) return true;
    return head === "params" && (field === undefined || (!names.has(field) && !strange.includes(field)));
  });
  return (
    <aside className="insp" aria-label={t("node.inspector", { name: name === "" ? node.id : name })}>
      <div className="ih">
        <Tile hue={looks.hue} icon={looks.icon} />
        <div className="grow" data-path="name">
          <input
            className="iname"
            id="node-name"
            aria-label={t("edit.name")}
            title={t("edit.nameKey")}
            value={name}
            placeholder={node.id}
            maxLength={120}
            onChange={(event) => run({ kind: "rename", node: node.id, name: event.target.value })}
          />
          <div className="small t3 cut">{known?.title ?? node.type} · <code className="mono">{node.id}</code></div>
        </div>
        <button type="button" className="btn ghost s sq" aria-label={t("edit.duplicate")} title={`${t("edit.duplicate")} (Ctrl D)`} onClick={() => run({ kind: "duplicate", nodes: [node.id], shift: { x: 40, y: 40 } })}>
          <Icon name="copy" />
        </button>
        <button type="button" className="btn ghost s sq" aria-label={t("edit.delete")} title={`${t("edit.delete")} (Del)`} onClick={() => run({ kind: "delete", nodes: [node.id] })}>
          <Icon name="trash" />
        </button>
        <button type="button" className="btn ghost s sq" aria-label={t("common.close")} title={`${t("common.close")} (Esc)`} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="ibar">
        <span className="h3 grow">{t("node.settings")}</span>
        <Segmented label={t("data.shownAs")} value={mode} onChange={setMode} options={[{ value: "form", label: t("edit.form") }, { value: "json", label: "JSON" }]} />
      </div>
      {mode === "json" ? (
        <pre className="jsonview grow" tabIndex={0}>{printValue(node as unknown as ReturnType<typeof valueOfDoc>, 2)}</pre>
      ) : (
        <div className="ibody edit">
          {known !== undefined && <p className="t2">{known.summary}</p>}
          {rest.length > 0 && (
            <ul className="irest">
              {rest.map((one, index) => (
                <li key={index} className={one.severity === "error" ? "ferr" : "fwarn"}>
                  <Icon name="alert" size={14} />
                  <span>{one.message} {one.fix}</span>
                </li>
              ))}
            </ul>
          )}
          <SlotField node={node} doc={doc} catalog={catalog} problems={own} run={run} />
          {fields.map((one) => (
            <FieldEditor
              key={one.name}
              field={one}
              path={["params", one.name]}
              value={node.params?.[one.name]}
              problems={own}
              onChange={(path, value) => run({ kind: "param", node: node.id, path: path.slice(1), value })}
            />
          ))}
          {strange.map((one) => (
            <FieldEditor
              key={one}
              field={{ name: one, title: one, hint: t("edit.strange"), required: false, schema: {}, example: "", fallback: "" }}
              path={["params", one]}
              value={node.params?.[one]}
              problems={own}
              onChange={(path, value) => run({ kind: "param", node: node.id, path: path.slice(1), value })}
            />
          ))}
          {fields.length === 0 && strange.length === 0 && <p className="t3 small">{t("node.noSettings")}</p>}
          {known?.kind !== "trigger" && <Policy node={node} problems={own} run={run} />}
          <Wires node={node} doc={doc} ports={portsOf(node.id)} run={run} onAdd={onAdd} />
          <div className="fe" data-path="note">
            <label className="label" htmlFor="node-note">{t("edit.note")}</label>
            <textarea id="node-note" className="field area" rows={2} maxLength={2000} value={node.note ?? ""} onChange={(event) => run({ kind: "remark", node: node.id, note: event.target.value })} />
          </div>
        </div>
      )}
    </aside>
  );
}

function SlotField({ node, doc, catalog, problems, run }: Pick<NodeEditorProps, "node" | "doc" | "catalog" | "run"> & { readonly problems: readonly FlowProblem[] }) {
  const { t } = useI18n();
  const known = typeOf(catalog, node.type);
  const connector = typeof known?.connector === "string" ? known.connector : null;
  const wanted = connector !== null || known?.listens === true || node.connection !== undefined;
  if (!wanted) return null;
  const own = problemsAt(problems, ["connection"]);
  const slots = Object.entries(doc.connections ?? {}).filter(([slot, one]) => connector === null || one.connector === connector || slot === node.connection);
  return (
    <div className="fe" data-path="connection">
      <label className="label" htmlFor="node-slot">{t("edit.slot")}</label>
      <select
        id="node-slot"
        className="field"
        aria-invalid={own.length > 0 ? true : undefined}
        value={node.connection ?? ""}
        onChange={(event) => run({ kind: "connection", node: node.id, slot: event.target.value === "" ? undefined : event.target.value })}
      >
        <option value="">–</option>
        {slots.map(([slot, one]) => <option key={slot} value={slot}>{one.label ?? slot} · {connectorName(one.connector, catalog)}</option>)}
      </select>
      {own.map((one, index) => <p key={index} className="small ferr"><Icon name="alert" size={12} /><span>{one.message} {one.fix}</span></p>)}
    </div>
  );
}

function Policy({ node, problems, run }: { readonly node: DocNode; readonly problems: readonly FlowProblem[]; readonly run: NodeEditorProps["run"] }) {
  const { t } = useI18n();
  const titles: { readonly [name: string]: string } = { on_error: t("edit.onError"), timeout: t("edit.timeout"), retry: t("edit.retry") };
  const open = node.policy !== undefined || problemsAt(problems, ["policy"], true).length > 0;
  return (
    <details className="ipol" open={open}>
      <summary className="label">{t("policy.title")}</summary>
      {POLICY.map((one) => (
        <FieldEditor
          key={one.name}
          field={{ ...one, title: titles[one.name] ?? one.title, hint: one.name === "on_error" ? t("edit.onError.hint") : one.name === "timeout" ? t("edit.duration") : "" }}
          path={["policy", one.name]}
          value={node.policy?.[one.name]}
          problems={problems}
          onChange={(path, value) => run({ kind: "policy", node: node.id, path: path.slice(1), value })}
        />
      ))}
    </details>
  );
}

function Wires({ node, doc, ports, run, onAdd }: Pick<NodeEditorProps, "node" | "doc" | "run" | "onAdd"> & { readonly ports: readonly string[] }) {
  const { t, maybe } = useI18n();
  const nameOf = (id: string): string => doc.nodes.find((one) => one.id === id)?.name ?? id;
  const portName = (port: string): string => (port === "out" ? t("edit.portOut") : (maybe(`port.${port}`) ?? port));
  const before = doc.edges.filter((one) => one.to === node.id);
  return (
    <section className="iwires" aria-label={t("node.wires")}>
      <h3 className="label">{t("node.wires")}</h3>
      {before.map((one) => (
        <div key={`${one.from}.${one.port}`} className="row">
          <Icon name="arrowDown" size={14} />
          <span className="grow cut">{t("node.after", { name: nameOf(one.from) })}</span>
          {one.port !== "out" && <span className="chip">{portName(one.port)}</span>}
          <Cut label={t("edit.cut", { from: nameOf(one.from), to: nameOf(node.id) })} onCut={() => run({ kind: "disconnect", edges: [one] })} />
        </div>
      ))}
      {ports.map((port) => {
        const after = doc.edges.filter((one) => one.from === node.id && one.port === port);
        const free = doc.nodes.filter((one) => one.id !== node.id && !after.some((edge) => edge.to === one.id));
        return (
          <div key={port} className="iport">
            {after.map((one) => (
              <div key={one.to} className="row">
                <Icon name="arrowRight" size={14} />
                {port !== "out" && <span className="chip">{portName(port)}</span>}
                <span className="grow cut">{t("node.before", { name: nameOf(one.to) })}</span>
                <Cut label={t("edit.cut", { from: nameOf(node.id), to: nameOf(one.to) })} onCut={() => run({ kind: "disconnect", edges: [one] })} />
              </div>
            ))}
            <div className="row">
              <select
                className="field s grow"
                aria-label={t("edit.connect", { port: portName(port) })}
                value=""
                onChange={(event) => run({ kind: "connect", edge: { from: node.id, port, to: event.target.value } })}
              >
                <option value="">{t("edit.connect", { port: portName(port) })}</option>
                {free.map((one) => <option key={one.id} value={one.id}>{one.name ?? one.id}</option>)}
              </select>
              <button type="button" className="btn s" aria-label={t("edit.newAfter", { name: nameOf(node.id), port: portName(port) })} onClick={() => onAdd(port)}>
                <Icon name="plus" size={12} />
                {t("edit.new")}
              </button>
            </div>
          </div>
        );
      })}
    </section>
  );
}

function Cut({ label, onCut }: { readonly label: string; readonly onCut: () => void }) {
  return (
    <button type="button" className="btn ghost xs sq" aria-label={label} title={label} onClick={onCut}>
      <Icon name="close" size={12} />
    </button>
  );
}

/** Puts the focus where a problem is: the deepest field on its way that is shown. */
export function useLead(lead: { readonly path: readonly string[]; readonly count: number } | null): void {
  const done = useRef(0);
  useEffect(() => {
    if (lead === null || lead.count === done.current) return;
    done.current = lead.count;
    const escaped = lead.path.map((one) => one.replaceAll("~", "~0").replaceAll("/", "~1"));
    const timer = window.setTimeout(() => {
      for (let length = escaped.length; length > 0; length -= 1) {
        const place = document.querySelector<HTMLElement>(`.insp [data-path="${CSS.escape(escaped.slice(0, length).join("/"))}"]`);
        if (place === null) continue;
        place.closest("details")?.setAttribute("open", "");
        place.scrollIntoView({ block: "center" });
        place.querySelector<HTMLElement>("input, textarea, select, button")?.focus({ preventScroll: true });
        return;
      }
      document.querySelector<HTMLElement>(".insp input")?.focus();
    }, 60);
    return () => window.clearTimeout(timer);
  }, [lead]);
}
