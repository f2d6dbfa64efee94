/** A flow on the canvas: read-only, by mouse and by keyboard. */

import "@xyflow/react/dist/base.css";
import "./canvas.css";

import {
  Background,
  BackgroundVariant,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type EdgeTypes,
  type NodeTypes,
} from "@xyflow/react";
import { useMemo } from "react";

import type { FlowDocument } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import { calm } from "../ui/motion";
import { Card, Line, type CardNode, type EdgeLook, type LineEdge, type NodeDress } from "./cards";
import { neighbour, NODE_HEIGHT, NODE_WIDTH, positions } from "./geometry";
import { nodeLooks, place, summary, useCatalog } from "./looks";
import { ARROWS, CALM, FIT, FlowMap, minimapColour, useLines, useShownPart, Zoom } from "./view";

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

  const { lines, ports } = useLines(document, at);

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

  const { holder, moved } = useShownPart(at, selected);

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
        <FlowMap colours={colours} />
        <Panel position="bottom-left" className="ro">
          <Icon name="eye" size={14} />
          {note}
        </Panel>
      </ReactFlow>
    </div>
  );
}
