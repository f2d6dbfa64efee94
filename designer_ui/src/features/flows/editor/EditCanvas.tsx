/** The canvas on which a flow is edited, by mouse and by keyboard. */

import "@xyflow/react/dist/base.css";
import "../../../canvas/canvas.css";

import {
  Background,
  BackgroundVariant,
  ReactFlow,
  useReactFlow,
  type Connection,
  type EdgeTypes,
  type FinalConnectionState,
  type NodeChange,
  type NodeTypes,
} from "@xyflow/react";
import { useEffect, useMemo, useState, type ReactNode } from "react";

import type { FlowDocument, FlowEdge, Point } from "../../../api/types";
import type { NodeDress } from "../../../canvas/cards";
import { neighbour, NODE_HEIGHT, NODE_WIDTH, type Positions } from "../../../canvas/geometry";
import { nodeLooks, place, summary, useCatalog } from "../../../canvas/looks";
import { ARROWS, CALM, FIT, FlowMap, minimapColour, useLines, useShownPart, Zoom } from "../../../canvas/view";
import type { Command } from "../../../document/commands";
import type { Spot } from "../../../document/model";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { calm } from "../../../ui/motion";
import { Acts, EditCard, EditLine, type CanvasActs, type EditEdge, type EditNode } from "./EditCard";
import type { Target } from "./target";

const nodeTypes: NodeTypes = { card: EditCard };
const edgeTypes: EdgeTypes = { line: EditLine };
const GRID = 8;
const NEAR = 44;
const NOTHING_BOUND = {};

export interface EditCanvasProps {
  readonly document: FlowDocument;
  readonly at: Positions;
  readonly chosen: readonly string[];
  readonly onChoose: (nodes: readonly string[]) => void;
  readonly portsOf: (node: string) => readonly string[];
  readonly dress: (node: string) => NodeDress | undefined;
  readonly run: (command: Command) => void;
  readonly onMove: (spots: { readonly [node: string]: Spot }) => void;
  readonly onArrange: () => void;
  readonly onOutline: () => void;
  /** `px` within the canvas. */
  readonly onAdd: (target: Target, px: Point) => void;
  /** Nodes that came with the latest edit: they are brought into view. */
  readonly made: readonly string[];
  readonly children?: ReactNode;
}

const wireId = (edge: FlowEdge): string => `${edge.from}.${edge.port}>${edge.to}`;

export function EditCanvas(props: EditCanvasProps) {
  const { document, at, chosen, onChoose, portsOf, dress, run, onMove, onArrange, onOutline, onAdd, made, children } = props;
  const i18n = useI18n();
  const { t } = i18n;
  const catalog = useCatalog();
  const flow = useReactFlow();
  const [drag, setDrag] = useState<{ readonly [node: string]: Spot }>({});
  const [wire, setWire] = useState<string | null>(null);
  const { lines, ports } = useLines(document, at);
  const primary = chosen.at(-1) ?? null;
  const { holder, moved } = useShownPart(at, primary);
  const picked = useMemo(() => new Set(chosen), [chosen]);
  const stop = primary !== null && at.has(primary) ? primary : (document.nodes[0]?.id ?? "");
  const nameOf = (id: string): string => document.nodes.find((one) => one.id === id)?.name ?? id;
  const portName = (port: string): string => (port === "out" ? t("edit.portOut") : (i18n.maybe(`port.${port}`) ?? port));
  const within = (px: Point): Point => {
    const box = holder.current?.getBoundingClientRect();
    return { x: px.x - (box?.left ?? 0), y: px.y - (box?.top ?? 0) };
  };

  useEffect(() => {
    const [id] = made;
    const spot = id === undefined ? undefined : at.get(id);
    if (spot === undefined || holder.current === null) return;
    moved.current = true;
    const { x, y, zoom } = flow.getViewport();
    const [left, top] = [spot.x * zoom + x, spot.y * zoom + y];
    const inView = left >= 0 && top >= 0 && left + NODE_WIDTH * zoom <= holder.current.clientWidth && top + NODE_HEIGHT * zoom <= holder.current.clientHeight;
    if (!inView) void flow.setCenter(spot.x + NODE_WIDTH / 2, spot.y + NODE_HEIGHT / 2, { zoom, duration: calm(CALM) });
    // Only when nodes came: later edits leave the view alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [made]);

  // Whoever comes by keyboard goes on by keyboard: the new node has the focus, as soon as it is
  // measured and shown.
  useEffect(() => {
    const [id] = made;
    if (id === undefined) return;
    let frame = 0;
    let tries = 0;
    const focus = () => {
      const node = holder.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${id}"]`);
      node?.focus({ preventScroll: true });
      tries += 1;
      if (globalThis.document.activeElement !== node && tries < 30) frame = window.requestAnimationFrame(focus);
    };
    focus();
    return () => window.cancelAnimationFrame(frame);
  }, [made, holder]);

  const leads = useMemo(() => new Set(document.edges.map((one) => one.from)), [document]);
  const nodes: EditNode[] = document.nodes.map((node) => {
    const worn = dress(node.id);
    const words = summary(node, i18n, catalog);
    const where = place(node, document, NOTHING_BOUND, t);
    const out = portsOf(node.id);
    return {
      id: node.id,
      type: "card",
      position: drag[node.id] ?? at.get(node.id) ?? { x: 0, y: 0 },
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      selected: picked.has(node.id),
      domAttributes: { tabIndex: node.id === stop ? 0 : -1 },
      ariaLabel: [node.name, words, where, worn?.words].filter(Boolean).join(", "),
      data: { looks: nodeLooks(node.type, catalog), name: node.name, summary: words, place: where, dress: worn, ports: ports.get(node.id) ?? {}, out, open: !leads.has(node.id) },
    };
  });

  const edges: EditEdge[] = lines.map(({ edge, edges: bundle, from, to }) => ({
    id: wireId(edge),
    type: "line",
    source: edge.from,
    target: edge.to,
    sourceHandle: `out-${from}`,
    targetHandle: `in-${to}`,
    focusable: false,
    selected: wire === wireId(edge),
    data: {
      look: edge.port === "error" ? "error" : "plain",
      label: bundle.map(({ port }) => (port === "out" ? "" : (i18n.maybe(`port.${port}`) ?? port))).filter(Boolean).join(", "),
      edges: bundle,
    },
  }));
  const colours = new Map(nodes.map((one) => [one.id, minimapColour(one.data)]));

  const connect = (from: string | null, handle: string | null | undefined, to: string | null) => {
    if (from === null || to === null || handle?.startsWith("port-") !== true) return;
    run({ kind: "connect", edge: { from, port: handle.slice("port-".length), to } });
  };

  const acts: CanvasActs = {
    portName,
    nodeName: nameOf,
    addAfter: (node, port, px) => onAdd({ kind: "after", from: node, port, wish: null }, within(px)),
    addBetween: (edge, px) => onAdd({ kind: "between", edge }, within(px)),
    cut: (gone) => {
      run({ kind: "disconnect", edges: gone });
      setWire(null);
    },
  };

  /** A loose node that is dropped on a wire goes into it. */
  const spliceAt = (id: string, spot: Spot): boolean => {
    if (document.edges.some((one) => one.from === id || one.to === id)) return false;
    const middle = { x: spot.x + NODE_WIDTH / 2, y: spot.y + NODE_HEIGHT / 2 };
    const near = lines.find(({ edge }) => {
      const [from, to] = [at.get(edge.from), at.get(edge.to)];
      if (from === undefined || to === undefined) return false;
      const half = { x: (from.x + to.x + NODE_WIDTH) / 2, y: (from.y + to.y + NODE_HEIGHT) / 2 };
      return Math.hypot(half.x - middle.x, half.y - middle.y) < NEAR;
    });
    const port = portsOf(id).find((one) => one !== "error");
    if (near === undefined || port === undefined) return false;
    run({ kind: "splice", edge: near.edge, node: id, port });
    return true;
  };

  const dropped = () => {
    const spots = Object.entries(drag);
    setDrag({});
    const [only] = spots;
    if (spots.length === 1 && only !== undefined) spliceAt(...only);
    if (spots.length > 0) onMove(drag);
  };

  const changed = (changes: readonly NodeChange<EditNode>[]) => {
    const spots: { [node: string]: Spot } = {};
    let next: readonly string[] | null = null;
    for (const change of changes) {
      if (change.type === "position" && change.position !== undefined && change.dragging === true) spots[change.id] = change.position;
      if (change.type === "select") {
        const now: readonly string[] = next ?? chosen;
        next = change.selected ? [...now.filter((one) => one !== change.id), change.id] : now.filter((one) => one !== change.id);
      }
    }
    if (Object.keys(spots).length > 0) setDrag((old) => ({ ...old, ...spots }));
    if (next !== null) {
      setWire(null);
      onChoose(next);
    }
  };

  const keyed = (event: React.KeyboardEvent<HTMLDivElement>) => {
    if (!(event.target instanceof HTMLElement) || event.target.closest("input, textarea, select, .picker") !== null) return;
    const standing = event.target.closest<HTMLElement>(".react-flow__node")?.dataset["id"];
    const arrow = ARROWS[event.key];
    const done = () => event.preventDefault();
    if (arrow !== undefined && event.altKey && chosen.length > 0) {
      done();
      const step = event.shiftKey ? 5 * GRID : GRID;
      const [x, y] = [arrow === "left" ? -step : arrow === "right" ? step : 0, arrow === "up" ? -step : arrow === "down" ? step : 0];
      onMove(Object.fromEntries(chosen.map((id) => [id, { x: (at.get(id)?.x ?? 0) + x, y: (at.get(id)?.y ?? 0) + y }])));
    } else if (arrow !== undefined && standing !== undefined) {
      done();
      const next = neighbour(at, standing, arrow);
      if (next === null) return;
      onChoose(event.shiftKey ? [...chosen.filter((one) => one !== next), next] : [next]);
      holder.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${next}"]`)?.focus({ preventScroll: true });
    } else if ((event.key === "Enter" || event.key === " ") && standing !== undefined && event.target.tagName !== "BUTTON") {
      done();
      onChoose([standing]);
    } else if ((event.key === "Tab" && !event.shiftKey && standing !== undefined && picked.has(standing)) || event.key === "+") {
      // Tab on a chosen node adds behind it; Escape lets go of the node, then Tab goes on.
      done();
      const from = standing ?? primary;
      const box = holder.current?.querySelector(`.react-flow__node[data-id="${from ?? ""}"]`)?.getBoundingClientRect();
      const wired = new Set(document.edges.filter((one) => one.from === from).map((one) => one.port));
      const port = from === null ? undefined : (portsOf(from).find((one) => !wired.has(one)) ?? portsOf(from)[0]);
      const px = within({ x: box?.left ?? 0, y: (box?.bottom ?? 0) + 8 });
      onAdd(from === null || port === undefined ? { kind: "loose", wish: null } : { kind: "after", from, port, wish: null }, box === undefined ? { x: 80, y: 80 } : px);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      done();
      const gone = lines.find((one) => wireId(one.edge) === wire);
      if (gone !== undefined) acts.cut(gone.edges);
      else if (chosen.length > 0) run({ kind: "delete", nodes: chosen });
    } else if (event.key === "0" || event.key === "1") {
      moved.current = true;
      if (event.key === "0") void flow.fitView({ ...FIT, duration: calm(CALM) });
      else void flow.zoomTo(1, { duration: calm(CALM) });
    } else if (event.key === "Escape") {
      setWire(null);
      onChoose([]);
    }
  };

  return (
    <div className="canvas editing" ref={holder} role="group" aria-label={t("canvas.label", { name: document.name })} onKeyDown={keyed}>
      <Acts.Provider value={acts}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={changed}
          onNodeDragStop={dropped}
          onSelectionDragStop={dropped}
          onNodeDragStart={() => (moved.current = true)}
          onEdgeClick={(_, edge) => {
            setWire(edge.id);
            onChoose([]);
          }}
          onPaneClick={() => {
            setWire(null);
            onChoose([]);
          }}
          onConnect={({ source, sourceHandle, target }: Connection) => connect(source, sourceHandle, target)}
          isValidConnection={({ source, target, sourceHandle }) => source !== target && sourceHandle?.startsWith("port-") === true}
          onConnectEnd={(event, state: FinalConnectionState) => {
            if (state.isValid === true || state.fromNode === null || state.fromHandle === null) return;
            const px = "changedTouches" in event ? event.changedTouches[0] : event;
            const handle = state.fromHandle.id ?? "";
            if (px === undefined || !handle.startsWith("port-")) return;
            const over = globalThis.document.elementFromPoint(px.clientX, px.clientY);
            const node = over?.closest<HTMLElement>(".react-flow__node")?.dataset["id"];
            const started = over?.closest(".pull") !== null && node === state.fromNode.id;
            if (node !== undefined) {
              if (!started) connect(state.fromNode.id, handle, node);
              return;
            }
            const wish = flow.screenToFlowPosition({ x: px.clientX, y: px.clientY });
            const spot = { x: wish.x - NODE_WIDTH / 2, y: wish.y };
            onAdd({ kind: "after", from: state.fromNode.id, port: handle.slice("port-".length), wish: spot }, within({ x: px.clientX, y: px.clientY }));
          }}
          onMoveStart={(event) => {
            if (event !== null) moved.current = true;
          }}
          connectionRadius={36}
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={["Control", "Meta"]}
          edgesFocusable={false}
          disableKeyboardA11y
          snapToGrid
          snapGrid={[GRID, GRID]}
          nodeDragThreshold={3}
          minZoom={0.2}
          maxZoom={1.6}
          onlyRenderVisibleElements={document.nodes.length > 150}
          proOptions={{ hideAttribution: true }}
          zoomOnDoubleClick={false}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={2} color="var(--canvas-dot)" />
          <Zoom onTouch={() => (moved.current = true)}>
            <button type="button" aria-label={t("edit.arrange")} title={t("edit.arrange")} onClick={onArrange}>
              <Icon name="grid" />
            </button>
            <button type="button" aria-label={t("outline.show")} title={t("outline.show")} onClick={onOutline}>
              <Icon name="list" />
            </button>
            <i />
            <button type="button" className="addbtn" title={t("edit.add")} onClick={() => onAdd({ kind: "loose", wish: null }, { x: 12, y: 52 })}>
              <Icon name="plus" size={14} />
              {t("edit.add")}
            </button>
          </Zoom>
          <FlowMap colours={colours} />
        </ReactFlow>
      </Acts.Provider>
      {children}
    </div>
  );
}
