/** What a canvas that shows and one that edits have in common: lines, the part in view, tools. */

import { MiniMap, Panel, useReactFlow, useViewport } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, type ReactNode, type RefObject } from "react";

import type { FlowDocument, FlowEdge } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import { calm } from "../ui/motion";
import type { CardData } from "./cards";
import { bundles, ends, viewFor, type Direction, type Ends, type Positions, type Side } from "./geometry";

export const ARROWS: { readonly [key: string]: Direction } = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export interface Wire extends Ends {
  readonly edge: FlowEdge;
  /** All edges that are drawn as this one. */
  readonly edges: readonly FlowEdge[];
}

export type Ports = ReadonlyMap<string, { readonly [S in Side]?: "in" | "out" | "error" }>;

/** The lines between nodes, and on which sides of the nodes they end. */
export function useLines(document: FlowDocument, at: Positions): { readonly lines: readonly Wire[]; readonly ports: Ports } {
  const lines = useMemo((): readonly Wire[] => bundles(document.edges).map((edges) => ({ edge: edges[0], edges, ...ends(edges[0], at) })), [document, at]);

  const ports = useMemo(() => {
    const found = new Map<string, { [S in Side]?: "in" | "out" | "error" }>();
    const add = (node: string, side: Side, kind: "in" | "out" | "error") => {
      found.set(node, { ...found.get(node), [side]: kind });
    };
    for (const line of lines) {
      add(line.edge.from, line.from, line.edge.port === "error" ? "error" : "out");
      add(line.edge.to, line.to, "in");
    }
    return found;
  }, [lines]);
  return { lines, ports };
}

/** Keeps the part of the flow in view that the reader looks at. */
export function useShownPart(at: Positions, selected: string | null): { readonly holder: RefObject<HTMLDivElement | null>; readonly moved: RefObject<boolean> } {
  const flow = useReactFlow();
  // Until the reader moves the canvas it shows the whole flow where that stays readable, else
  // the part around the chosen node; it follows its size and, in a run, the node that is active.
  const moved = useRef(false);
  const holder = useRef<HTMLDivElement>(null);
  const focus = useRef<string | null>(selected);
  const show = useCallback(
    (ms: number) => {
      const element = holder.current;
      if (element === null || moved.current) return;
      const view = viewFor([...at.values()], at.get(focus.current ?? ""), element.clientWidth, element.clientHeight);
      void flow.setViewport(view, { duration: ms });
    },
    [at, flow],
  );
  useEffect(() => {
    focus.current = selected;
    show(calm(CALM));
  }, [selected, show]);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const watch = new ResizeObserver(() => show(0));
    watch.observe(element);
    return () => watch.disconnect();
  }, [show]);
  return { holder, moved };
}

export const CALM = 200;
export const FIT = { padding: { x: "40px", top: "36px", bottom: "44px" }, maxZoom: 1 } as const;

export function minimapColour({ dress, looks }: CardData): string {
  switch (dress?.state) {
    case undefined:
      return `var(--${looks.hue}-solid)`;
    case "succeeded":
      return "var(--ok-solid)";
    case "failed":
      return "var(--err-solid)";
    case "running":
    case "waiting":
      return "var(--run-solid)";
    default:
      return "var(--idle-solid)";
  }
}

/** The tools of a canvas; `children` are more of them. */
export function Zoom({ onTouch, children }: { readonly onTouch: () => void; readonly children?: ReactNode }) {
  const { t, locale } = useI18n();
  const flow = useReactFlow();
  const viewport = useViewport();
  const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(viewport.zoom);
  const zoom = (act: () => Promise<boolean>) => {
    onTouch();
    void act();
  };
  return (
    <Panel position="top-left" className="tools">
      <button type="button" aria-label={t("canvas.zoomOut")} title={t("canvas.zoomOut")} onClick={() => zoom(() => flow.zoomOut())}>
        <Icon name="minus" />
      </button>
      <button type="button" className="tn" title={t("canvas.zoomFull")} aria-label={t("canvas.zoomIs", { percent })} onClick={() => zoom(() => flow.zoomTo(1))}>
        {percent}
      </button>
      <button type="button" aria-label={t("canvas.zoomIn")} title={t("canvas.zoomIn")} onClick={() => zoom(() => flow.zoomIn())}>
        <Icon name="plus" />
      </button>
      <i />
      <button
        type="button"
        aria-label={t("canvas.fit")}
        title={t("canvas.fit")}
        onClick={() => zoom(() => flow.fitView(FIT))}
      >
        <Icon name="fit" />
      </button>
      {children}
    </Panel>
  );
}

export function FlowMap({ colours }: { readonly colours: ReadonlyMap<string, string> }) {
  const { t } = useI18n();
  return (
    <MiniMap
      className="minimap"
      pannable
      zoomable
      nodeColor={(node) => colours.get(node.id) ?? "var(--idle-solid)"}
      nodeBorderRadius={10}
      maskColor="transparent"
      maskStrokeColor="var(--accent)"
      maskStrokeWidth={1.5}
      ariaLabel={t("canvas.minimap")}
      position="top-right"
    />
  );
}
