/** A flow on the canvas: read-only, by mouse and by keyboard. */

import "@xyflow/react/dist/base.css";
import "./canvas.css";

import {
  Background,
  BackgroundVariant,
  BaseEdge,
  EdgeLabelRenderer,
  getSmoothStepPath,
  Handle,
  MiniMap,
  Panel,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useViewport,
  type Edge,
  type EdgeProps,
  type EdgeTypes,
  type Node,
  type NodeProps,
  type NodeTypes,
} from "@xyflow/react";
import { Fragment, useCallback, useEffect, useMemo, useRef, type ReactNode } from "react";

import type { FlowDocument } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import { Tile } from "../ui/parts";
import { calm } from "../ui/motion";
import { bundles, ends, neighbour, NODE_HEIGHT, NODE_WIDTH, positions, viewFor, type Direction, type Side } from "./geometry";
import { nodeLooks, place, summary, useCatalog, type Looks } from "./looks";

/** What a page adds to a node: its state in words and as an attribute, a badge, a dimmed look. */
export interface NodeDress {
  readonly state: string;
  readonly words: string;
  readonly badge?: ReactNode;
  readonly dim?: boolean;
  readonly tone?: "run" | "bad" | undefined;
  readonly summary?: string | undefined;
}

export type EdgeLook = "plain" | "done" | "active" | "error" | "skipped";

interface CardData extends Record<string, unknown> {
  readonly looks: Looks;
  readonly name: string;
  readonly summary: string;
  readonly place: string;
  readonly dress: NodeDress | undefined;
  readonly ports: { readonly [S in Side]?: "in" | "out" | "error" };
}

interface LineData extends Record<string, unknown> {
  readonly look: EdgeLook;
  readonly label: string;
}

type CardNode = Node<CardData, "card">;
type LineEdge = Edge<LineData, "line">;

const SIDES: readonly (readonly [Side, Position])[] = [
  ["top", Position.Top],
  ["bottom", Position.Bottom],
  ["left", Position.Left],
  ["right", Position.Right],
];

function Card({ id, data, selected }: NodeProps<CardNode>) {
  const { dress, looks, ports } = data;
  const names = ["node", looks.hue, selected ? "sel" : "", dress?.dim === true ? "dim" : "", dress?.tone ?? ""];
  return (
    <div className={names.filter(Boolean).join(" ")} data-node={id} data-state={dress?.state ?? "design"}>
      <Tile hue={looks.hue} icon={looks.icon} />
      <div className="tx">
        <div className="nm cut" title={data.name}>{data.name}</div>
        <div className="sm cut" title={data.summary}>{data.summary}</div>
        <div className="cn"><span className="cut">{data.place}</span></div>
      </div>
      {dress?.badge !== undefined && <div className="badges">{dress.badge}</div>}
      {SIDES.map(([side, position]) => {
        const port = ports[side];
        const shown = port === undefined ? "port none" : port === "error" ? "port err" : "port";
        return (
          <Fragment key={side}>
            <Handle id={`in-${side}`} type="target" position={position} className={shown} isConnectable={false} />
            <Handle id={`out-${side}`} type="source" position={position} className={shown} isConnectable={false} />
          </Fragment>
        );
      })}
    </div>
  );
}

function Line({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data }: EdgeProps<LineEdge>) {
  const [path, labelX, labelY] = getSmoothStepPath({
    sourceX,
    sourceY,
    sourcePosition,
    targetX,
    targetY,
    targetPosition,
    borderRadius: 12,
    offset: 28,
  });
  const look = data?.look ?? "plain";
  const label = data?.label ?? "";
  return (
    <>
      <BaseEdge path={path} className={`e ${look}`} interactionWidth={0} />
      {label !== "" && (
        <EdgeLabelRenderer>
          <span className={`elabel ${look}`} style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}>
            {label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

const nodeTypes: NodeTypes = { card: Card };
const edgeTypes: EdgeTypes = { line: Line };

export interface FlowCanvasProps {
  readonly document: FlowDocument;
  readonly selected: string | null;
  readonly onSelect: (node: string | null) => void;
  readonly bound?: { readonly [slot: string]: { readonly name: string } };
  readonly dress?: (node: string) => NodeDress;
  readonly edgeLook?: (edge: { readonly from: string; readonly port: string; readonly to: string }) => EdgeLook;
  readonly note: string;
}

const NOTHING_BOUND = {};
const LIVELIEST: readonly EdgeLook[] = ["active", "error", "done", "plain", "skipped"];
const ARROWS: { readonly [key: string]: Direction } = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

function liveliest(looks: readonly EdgeLook[]): EdgeLook {
  return LIVELIEST.find((one) => looks.includes(one)) ?? "plain";
}

export function FlowCanvas(props: FlowCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ document, selected, onSelect, bound = NOTHING_BOUND, dress, edgeLook, note }: FlowCanvasProps) {
  const i18n = useI18n();
  const catalog = useCatalog();
  const flow = useReactFlow();
  const at = useMemo(() => positions(document), [document]);

  const lines = useMemo(() => bundles(document.edges).map((edges) => ({ edge: edges[0], edges, ...ends(edges[0], at) })), [document, at]);

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

  const stop = selected !== null && at.has(selected) ? selected : (document.nodes[0]?.id ?? "");

  const nodes: CardNode[] = document.nodes.map((node) => {
    const worn = dress?.(node.id);
    const words = summary(node, i18n, catalog);
    const where = place(node, document, bound, i18n.t);
    return {
      id: node.id,
      type: "card",
      position: at.get(node.id) ?? { x: 0, y: 0 },
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      selected: node.id === selected,
      // One stop for Tab, arrows for the rest: sixty nodes are no sixty stops.
      domAttributes: { tabIndex: node.id === stop ? 0 : -1 },
      ariaLabel: [node.name, worn?.summary ?? words, where, worn?.words].filter(Boolean).join(", "),
      data: {
        looks: nodeLooks(node.type, catalog),
        name: node.name,
        summary: worn?.summary ?? words,
        place: where,
        dress: worn,
        ports: ports.get(node.id) ?? {},
      },
    };
  });

  const edges: LineEdge[] = lines.map(({ edge, edges: bundle, from, to }) => ({
    id: `${edge.from}.${edge.port}>${edge.to}`,
    type: "line",
    source: edge.from,
    target: edge.to,
    sourceHandle: `out-${from}`,
    targetHandle: `in-${to}`,
    focusable: false,
    data: {
      look: edgeLook === undefined ? (edge.port === "error" ? "error" : "plain") : liveliest(bundle.map(edgeLook)),
      label: bundle.map(({ port }) => (port === "out" ? "" : (i18n.maybe(`port.${port}`) ?? port))).filter(Boolean).join(", "),
    },
  }));

  const chosen = selected !== null && at.has(selected);
  const colours = new Map(nodes.map((one) => [one.id, minimapColour(one.data)]));

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

  return (
    <div
      className="canvas"
      ref={holder}
      role="group"
      aria-label={i18n.t("canvas.label", { name: document.name })}
      onKeyDown={(event) => {
        const direction = ARROWS[event.key];
        const standing = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".react-flow__node")?.dataset["id"] : undefined;
        if (direction !== undefined && standing !== undefined) {
          event.preventDefault();
          const next = neighbour(at, standing, direction);
          if (next === null) return;
          onSelect(next);
          holder.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${next}"]`)?.focus({ preventScroll: true });
          return;
        }
        if (event.key === "0" || event.key === "1") moved.current = true;
        if (event.key === "0") void flow.fitView({ ...FIT, duration: calm(CALM) });
        else if (event.key === "1") void flow.zoomTo(1, { duration: calm(CALM) });
        else if (event.key === "Escape" && chosen) onSelect(null);
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        onNodeClick={(_, node) => onSelect(node.id)}
        onPaneClick={() => onSelect(null)}
        onNodesChange={(changes) => {
          // Enter and Space on a focused node choose it; the choice itself lives in the address.
          for (const change of changes) {
            if (change.type === "select" && change.selected && change.id !== selected) onSelect(change.id);
          }
        }}
        onMoveStart={(event) => {
          if (event !== null) moved.current = true;
        }}
        minZoom={0.3}
        maxZoom={1.6}
        proOptions={{ hideAttribution: true }}
        zoomOnDoubleClick={false}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={2} color="var(--canvas-dot)" />
        <Zoom onTouch={() => (moved.current = true)} />
        <MiniMap
          className="minimap"
          pannable
          zoomable
          nodeColor={(node) => colours.get(node.id) ?? "var(--idle-solid)"}
          nodeBorderRadius={10}
          maskColor="transparent"
          maskStrokeColor="var(--accent)"
          maskStrokeWidth={1.5}
          ariaLabel={i18n.t("canvas.minimap")}
          position="top-right"
        />
        <Panel position="bottom-left" className="ro">
          <Icon name="eye" size={14} />
          {note}
        </Panel>
      </ReactFlow>
    </div>
  );
}

const CALM = 200;
const FIT = { padding: { x: "40px", top: "36px", bottom: "44px" }, maxZoom: 1 } as const;

function minimapColour({ dress, looks }: CardData): string {
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

function Zoom({ onTouch }: { readonly onTouch: () => void }) {
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
    </Panel>
  );
}
