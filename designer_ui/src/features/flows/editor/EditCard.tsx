/** A node and a wire that can be edited: ports to pull from, and a place to put something in. */

import { BaseEdge, EdgeLabelRenderer, Handle, Position, useUpdateNodeInternals, type Edge, type EdgeProps, type Node, type NodeProps } from "@xyflow/react";
import { createContext, useContext, useEffect } from "react";

import type { FlowEdge, Point } from "../../../api/types";
import { CardFace, wayOf, type CardData, type LineData, type LineEdge } from "../../../canvas/cards";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";

export interface EditData extends CardData {
  readonly out: readonly string[];
  /** Nothing leads on from here yet: then the ports show by themselves. */
  readonly open: boolean;
}

export interface EditLineData extends LineData {
  readonly edges: readonly FlowEdge[];
}

export type EditNode = Node<EditData, "card">;
export type EditEdge = Edge<EditLineData, "line">;

export interface CanvasActs {
  readonly portName: (port: string) => string;
  readonly nodeName: (node: string) => string;
  readonly addAfter: (node: string, port: string, at: Point) => void;
  readonly addBetween: (edge: FlowEdge, at: Point) => void;
  readonly cut: (edges: readonly FlowEdge[]) => void;
}

export const Acts = createContext<CanvasActs | null>(null);

function useActs(): CanvasActs {
  const acts = useContext(Acts);
  if (acts === null) throw new Error("a card outside of the canvas");
  return acts;
}

export function EditCard({ id, data, selected }: NodeProps<EditNode>) {
  const { t } = useI18n();
  const acts = useActs();
  const renew = useUpdateNodeInternals();
  const ports = data.out.join(" ");
  useEffect(() => renew(id), [id, ports, renew]);
  const plain = data.out.length === 1 && data.out[0] === "out";
  return (
    <CardFace id={id} data={data} selected={selected}>
      <Handle id="in" type="target" position={Position.Top} className="port drop" isConnectableStart={false} />
      <div className={data.open ? "pulls open" : "pulls"}>
        {data.out.map((port) => (
          <Handle
            key={port}
            id={`port-${port}`}
            type="source"
            position={Position.Bottom}
            className={port === "error" ? "pull err" : "pull"}
            isConnectableEnd={false}
            title={t("edit.addAfter", { name: data.name, port: acts.portName(port) })}
            onClick={(event) => {
              event.stopPropagation();
              acts.addAfter(id, port, { x: event.clientX, y: event.clientY });
            }}
          >
            {!plain && <span>{acts.portName(port)}</span>}
            <Icon name="plus" size={10} />
          </Handle>
        ))}
      </div>
    </CardFace>
  );
}

export function EditLine(props: EdgeProps<EditEdge>) {
  const { t } = useI18n();
  const acts = useActs();
  const { data, selected } = props;
  const [path, x, y] = wayOf(props as unknown as EdgeProps<LineEdge>);
  const edges = data?.edges ?? [];
  const first = edges[0];
  const label = data?.label ?? "";
  const look = data?.look ?? "plain";
  const names = first === undefined ? { from: "", to: "" } : { from: acts.nodeName(first.from), to: acts.nodeName(first.to) };
  return (
    <>
      <BaseEdge path={path} className={`e ${look}${selected === true ? " sel" : ""}`} interactionWidth={22} />
      <EdgeLabelRenderer>
        <span className={`wire${selected === true ? " sel" : ""}`} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
          {label !== "" && <span className={`elabel ${look}`}>{label}</span>}
          {first !== undefined && (
            <button
              type="button"
              className="wbtn"
              tabIndex={-1}
              aria-label={t("edit.addBetween", names)}
              title={t("edit.addBetween", names)}
              onClick={(event) => {
                event.stopPropagation();
                acts.addBetween(first, { x: event.clientX, y: event.clientY });
              }}
            >
              <Icon name="plus" size={10} />
            </button>
          )}
          {selected === true && (
            <button type="button" className="wbtn cut" tabIndex={-1} aria-label={t("edit.cut", names)} title={t("edit.cut", names)} onClick={() => acts.cut(edges)}>
              <Icon name="close" size={10} />
            </button>
          )}
        </span>
      </EdgeLabelRenderer>
    </>
  );
}
