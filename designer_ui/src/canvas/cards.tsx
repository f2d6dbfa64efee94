/** How a node and a wire look on a canvas that shows a flow and on one that edits it. */

import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, Handle, Position, type Edge, type EdgeProps, type Node, type NodeProps } from "@xyflow/react";
import { Fragment, type ReactNode } from "react";

import { Tile } from "../ui/parts";
import type { Side } from "./geometry";
import type { Looks } from "./looks";

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

export interface CardData extends Record<string, unknown> {
  readonly looks: Looks;
  readonly name: string;
  readonly summary: string;
  readonly place: string;
  readonly dress: NodeDress | undefined;
  readonly ports: { readonly [S in Side]?: "in" | "out" | "error" };
}

export interface LineData extends Record<string, unknown> {
  readonly look: EdgeLook;
  readonly label: string;
}

export type CardNode = Node<CardData, "card">;
export type LineEdge = Edge<LineData, "line">;

const SIDES: readonly (readonly [Side, Position])[] = [
  ["top", Position.Top],
  ["bottom", Position.Bottom],
  ["left", Position.Left],
  ["right", Position.Right],
];

/** The card itself; `children` are what the editor adds to it. */
export function CardFace({ id, data, selected, children }: { readonly id: string; readonly data: CardData; readonly selected: boolean; readonly children?: ReactNode }) {
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
      {children}
    </div>
  );
}

export function Card({ id, data, selected }: NodeProps<CardNode>) {
  return <CardFace id={id} data={data} selected={selected} />;
}

/** The path of a wire and the middle of it. */
export function wayOf({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition }: EdgeProps<LineEdge>): readonly [string, number, number] {
  const [path, x, y] = getSmoothStepPath({
    sourceX,
    sourceY,
    sourcePosition,
    targetX,
    targetY,
    targetPosition,
    borderRadius: 12,
    offset: 28,
  });
  return [path, x, y];
}

export function Line(props: EdgeProps<LineEdge>) {
  const { data } = props;
  const [path, labelX, labelY] = wayOf(props);
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
