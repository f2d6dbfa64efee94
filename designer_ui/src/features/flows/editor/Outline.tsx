/** The flow as an indented list with the verbs of the canvas: keyboard first, read aloud well. */

import { useEffect, useMemo, useRef, type ReactNode } from "react";

import type { FlowDocument, Point } from "../../../api/types";
import type { NodeDress } from "../../../canvas/cards";
import { nodeLooks, summary, useCatalog } from "../../../canvas/looks";
import type { Command } from "../../../document/commands";
import type { Doc } from "../../../document/model";
import { outline } from "../../../document/outline";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { Tile } from "../../../ui/parts";
import type { Target } from "./target";

export function Outline({
  doc,
  shown,
  chosen,
  onChoose,
  portsOf,
  dress,
  run,
  onAdd,
  onCanvas,
  made,
  children,
}: {
  readonly doc: Doc;
  readonly shown: FlowDocument;
  readonly chosen: readonly string[];
  readonly onChoose: (nodes: readonly string[]) => void;
  readonly portsOf: (node: string) => readonly string[];
  readonly dress: (node: string) => NodeDress | undefined;
  readonly run: (command: Command) => void;
  readonly onAdd: (target: Target, px: Point) => void;
  readonly onCanvas: () => void;
  readonly made: readonly string[];
  readonly children?: ReactNode;
}) {
  const i18n = useI18n();
  const { t } = i18n;
  const catalog = useCatalog();
  const rows = useMemo(() => outline(doc), [doc]);
  const holder = useRef<HTMLDivElement>(null);
  const primary = chosen.at(-1) ?? null;
  const portName = (port: string): string => (port === "out" ? t("edit.portOut") : (i18n.maybe(`port.${port}`) ?? port));
  const lines = () => [...(holder.current?.querySelectorAll<HTMLElement>("[role=treeitem]") ?? [])];
  useEffect(() => {
    const [id] = made;
    if (id !== undefined) holder.current?.querySelector<HTMLElement>(`[data-row="${id}"]`)?.focus();
  }, [made]);

  /** Behind a node, at its first port that leads nowhere yet. */
  const add = (node: string, element: HTMLElement, before: boolean) => {
    const box = holder.current?.getBoundingClientRect();
    const spot = element.getBoundingClientRect();
    const px = { x: 40, y: Math.max(12, Math.min(spot.bottom - (box?.top ?? 0), (box?.height ?? 500) - 300)) };
    const into = doc.edges.find((one) => one.to === node);
    if (before && into !== undefined) {
      onAdd({ kind: "between", edge: into }, px);
      return;
    }
    const wired = new Set(doc.edges.filter((one) => one.from === node).map((one) => one.port));
    const port = portsOf(node).find((one) => !wired.has(one));
    const through = doc.edges.find((one) => one.from === node);
    if (port !== undefined) onAdd({ kind: "after", from: node, port, wish: null }, px);
    else if (through !== undefined) onAdd({ kind: "between", edge: through }, px);
  };

  const keyed = (event: React.KeyboardEvent<HTMLElement>, node: string) => {
    if (event.target !== event.currentTarget) return;
    const element = event.currentTarget;
    const all = lines();
    const place = all.indexOf(element);
    const go = (to: number) => all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
    if (event.key === "ArrowDown") go(place + 1);
    else if (event.key === "ArrowUp") go(place - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(all.length - 1);
    else if (event.key === "Enter" || event.key === " ") onChoose([node]);
    else if (event.key === "+") add(node, element, false);
    else if (event.key === "-") add(node, element, true);
    else if (event.key === "Delete" || event.key === "Backspace") run({ kind: "delete", nodes: [node] });
    else if (event.key === "Escape") onChoose([]);
    else return;
    event.preventDefault();
  };

  const stop = rows.find((one) => one.node === primary && !one.again)?.node ?? rows[0]?.node;
  return (
    <div className="outline" ref={holder}>
      <div className="obar">
        <button type="button" className="btn s" onClick={onCanvas}><Icon name="flow" size={14} />{t("outline.canvas")}</button>
        <button type="button" className="btn s" onClick={() => onAdd({ kind: "loose", wish: null }, { x: 40, y: 52 })}><Icon name="plus" size={14} />{t("edit.add")}</button>
        <span className="small t3">{t("outline.keys")}</span>
      </div>
      <div role="tree" aria-label={t("outline.title", { name: doc.name })} className="olist">
        {rows.map((row, index) => {
          const node = shown.nodes.find((one) => one.id === row.node);
          if (node === undefined) return null;
          const looks = nodeLooks(node.type, catalog);
          const worn = dress(node.id);
          const way = row.port === null || row.port === "out" ? null : portName(row.port);
          const words = row.again ? t("outline.again") : summary(node, i18n, catalog);
          return (
            <div
              key={`${index} ${row.node}`}
              role="treeitem"
              aria-level={row.level}
              aria-selected={chosen.includes(row.node)}
              data-row={row.again ? undefined : row.node}
              tabIndex={row.node === stop && !row.again ? 0 : -1}
              className={row.again ? "orow again" : "orow"}
              style={{ paddingLeft: 12 + (row.level - 1) * 28 }}
              onClick={() => onChoose([row.node])}
              onFocus={() => {
                if (primary !== null && primary !== row.node) onChoose([row.node]);
              }}
              onKeyDown={(event) => keyed(event, row.node)}
            >
              {way !== null && <span className="chip">{way}</span>}
              <Tile hue={looks.hue} icon={looks.icon} size="s" />
              <span className="med cut">{node.name}</span>
              <span className="small t2 cut grow">{words}</span>
              {worn?.badge}
            </div>
          );
        })}
      </div>
      {children}
    </div>
  );
}
