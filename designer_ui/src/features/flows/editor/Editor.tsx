/** The designer of one flow: canvas, palette, inspector and problems over a private draft. */

import "./editor.css";

import { useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";

import { Problem } from "../../../api/client";
import type { FlowProblem } from "../../../api/editing";
import type { FlowDetail, NodeType, Point } from "../../../api/types";
import type { NodeDress } from "../../../canvas/cards";
import { positions } from "../../../canvas/geometry";
import { useCatalog } from "../../../canvas/looks";
import { clipOf, clipText, pastedOf } from "../../../document/clip";
import type { Command } from "../../../document/commands";
import { nodeOf, shownDoc, type Spot } from "../../../document/model";
import { portsOf, typeOf } from "../../../document/ports";
import { useI18n } from "../../../i18n";
import { useHere } from "../../../session/session";
import { Icon } from "../../../ui/Icon";
import { Failure, Loading, Pill } from "../../../ui/parts";
import { changesOf, countOf } from "./changes";
import { EditCanvas } from "./EditCanvas";
import { EditorBar } from "./EditorBar";
import { pathInNode } from "./form";
import { publish, readLatest } from "./keep";
import { MergeDialog } from "./MergeDialog";
import { NodeEditor, useLead } from "./NodeEditor";
import { Outline } from "./Outline";
import { Palette } from "./Palette";
import { Problems } from "./Problems";
import { PublishDialog } from "./PublishDialog";
import { addCommand, placeOf, usedConnectors, type Target } from "./target";
import { useDraft, type Editing } from "./useDraft";
import { useKeys } from "./useKeys";
import { useProblems } from "./useProblems";

const VIEW = "causeway.flow.view";

interface Props {
  readonly flow: FlowDetail;
  readonly node: string | null;
  readonly onNode: (node: string | null) => void;
  /** Where the flow's bar has room for the editor's own things. */
  readonly bar: HTMLElement | null;
}

export default function Editor(props: Props) {
  const { user } = useHere();
  const { editing, error, retry } = useDraft(props.flow.slug, props.flow.latest_version ?? 1, user.username);
  if (editing === null) return error === null ? <Loading lines={8} /> : <Failure error={error} retry={retry} />;
  return (
    <ReactFlowProvider>
      <Desk {...props} editing={editing} />
    </ReactFlowProvider>
  );
}

function Desk({ flow, node, onNode, bar, editing }: Props & { readonly editing: Editing }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const catalog = useCatalog();
  const { history, run } = editing;
  const { doc } = history;
  const shown = useMemo(() => shownDoc(doc), [doc]);
  const at = useMemo(() => positions(shown), [shown]);
  const { problems, asked } = useProblems(doc);
  const changes = useMemo(() => changesOf(editing.baseDoc, doc), [editing.baseDoc, doc]);
  const [chosen, setChosen] = useState<readonly string[]>(node === null ? [] : [node]);
  const [picking, setPicking] = useState<{ readonly target: Target; readonly px: Point } | null>(null);
  const [listed, setListed] = useState(false);
  const [view, setView] = useState<"canvas" | "outline">(() => (window.localStorage.getItem(VIEW) === "outline" ? "outline" : "canvas"));
  const [publishing, setPublishing] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const [lead, setLead] = useState<{ readonly path: readonly string[]; readonly count: number } | null>(null);
  useLead(lead);

  // The address holds the node that was chosen last; an address that changes by itself chooses.
  const said = useRef(node);
  const choose = useCallback(
    (nodes: readonly string[]) => {
      setChosen(nodes);
      const last = nodes.at(-1) ?? null;
      if (last === said.current) return;
      said.current = last;
      onNode(last);
    },
    [onNode],
  );
  useEffect(() => {
    if (node === said.current) return;
    said.current = node;
    setChosen(node === null ? [] : [node]);
  }, [node]);

  const act = useCallback(
    (command: Command) => {
      const made = run(command);
      if (made.length > 0) choose(made);
      if (command.kind === "delete") choose([]);
    },
    [run, choose],
  );
  const alive = chosen.filter((one) => nodeOf(doc, one) !== undefined);
  const only = alive.length === 1 && alive[0] !== undefined ? nodeOf(doc, alive[0]) : undefined;
  const portsFor = useCallback(
    (id: string): readonly string[] => {
      const found = nodeOf(doc, id);
      return found === undefined ? [] : portsOf(found, typeOf(catalog, found.type));
    },
    [doc, catalog],
  );
  const nameOf = (id: string): string => shown.nodes.find((one) => one.id === id)?.name ?? id;

  const move = (spots: { readonly [node: string]: Spot }) => {
    const placed = doc.nodes.every((one) => doc.layout?.nodes?.[one.id] !== undefined);
    act({ kind: "move", spots: placed ? spots : { ...Object.fromEntries(at), ...spots } });
  };
  const arrange = () => act({ kind: "move", spots: Object.fromEntries(positions({ slug: shown.slug, name: shown.name, format: shown.format, connections: {}, nodes: shown.nodes, edges: shown.edges })) });
  const pick = (type: NodeType) => {
    if (picking !== null) act(addCommand(doc, at, picking.target, type));
    setPicking(null);
  };
  const closePalette = useCallback(() => setPicking(null), []);

  const leadTo = (problem: FlowProblem) => {
    setPublishing(false);
    if (problem.node === "") {
      setListed(true);
      return;
    }
    choose([problem.node]);
    setLead((old) => ({ path: pathInNode(problem), count: (old?.count ?? 0) + 1 }));
  };

  const dress = (id: string): NodeDress | undefined => {
    const own = problems.filter((one) => one.node === id);
    const [first] = own;
    if (first === undefined) return undefined;
    const bad = own.some((one) => one.severity === "error");
    const words = t("problems.count", { count: own.length });
    return {
      state: "design",
      words,
      tone: bad ? "bad" : undefined,
      badge: (
        <button type="button" tabIndex={-1} className="badgebtn nodrag" title={first.message} onClick={() => leadTo(own.find((one) => one.severity === "error") ?? first)}>
          <Pill tone={bad ? "err" : "warn"} icon="alert">{words}</Pill>
        </button>
      ),
    };
  };

  const finish = async (note: string) => {
    await editing.flush();
    try {
      const number = await publish(flow.slug, doc, note, editing.base);
      if (number === editing.base) {
        setPublishing(false);
        setTold(t("publish.same", { number }));
        return;
      }
      await editing.rebase(number);
      setPublishing(false);
      setTold(t("publish.published", { number }));
      await client.invalidateQueries({ queryKey: ["flow", flow.slug] });
      await client.invalidateQueries({ queryKey: ["flows"] });
    } catch (fault) {
      if (!(fault instanceof Problem) || fault.code !== "stale") throw fault;
      const number = await readLatest(flow.slug);
      const clashes = await editing.bringIn(number);
      setPublishing(false);
      setTold(clashes.length === 0 ? t("merge.broughtIn", { number }) : null);
    }
  };

  useKeys({
    undo: editing.undo,
    redo: editing.redo,
    save: () => void editing.flush(),
    duplicate: () => act({ kind: "duplicate", nodes: alive, shift: { x: 40, y: 40 } }),
    all: () => choose(doc.nodes.map((one) => one.id)),
    rename: () => document.querySelector<HTMLInputElement>("#node-name")?.select(),
    publish: () => setPublishing(countOf(changes) > 0),
    copied: () => (alive.length === 0 ? null : clipText(clipOf(doc, alive))),
    cut: () => act({ kind: "delete", nodes: alive }),
    pasted: (text) => {
      const found = pastedOf(text);
      if (found === null) return false;
      if (found.kind === "flow") act({ kind: "replace", doc: found.doc });
      else act({ kind: "paste", clip: found.clip, shift: { x: 40, y: 40 } });
      return true;
    },
  });

  const latest = flow.latest_version ?? editing.base;
  const target = picking?.target;
  const context =
    target === undefined || target.kind === "loose" ? "" : target.kind === "after" ? t("palette.after", { name: nameOf(target.from) }) : t("palette.between", { from: nameOf(target.edge.from), to: nameOf(target.edge.to) });
  const show = (next: "canvas" | "outline") => {
    window.localStorage.setItem(VIEW, next);
    setPicking(null);
    setView(next);
  };
  const common = {
    chosen: alive,
    onChoose: choose,
    portsOf: portsFor,
    dress,
    run: act,
    onAdd: (next: Target, px: Point) => setPicking({ target: next, px }),
    made: history.made,
  };
  const palette = picking !== null && catalog !== undefined && (
    <Palette catalog={catalog} place={placeOf(picking.target)} context={context} used={usedConnectors(doc, catalog)} at={picking.px} onPick={pick} onClose={closePalette} />
  );
  return (
    <div className="design">
      {bar !== null &&
        createPortal(
          <EditorBar
            editing={editing}
            latest={latest}
            problems={problems}
            asked={asked}
            changes={countOf(changes)}
            onProblems={() => setListed((old) => !old)}
            onPublish={() => setPublishing(true)}
            onDiscard={() => void editing.discard()}
          />,
          bar,
        )}
      <div className="fill" style={{ flex: 1, minWidth: 0 }}>
        {editing.base < latest && (
          <div className="oldbar">
            <Icon name="info" size={14} />
            <span className="grow">{t("edit.behind", { number: latest, base: editing.base })}</span>
            <button type="button" className="btn xs" onClick={() => void editing.bringIn(latest)}>{t("edit.bringIn")}</button>
          </div>
        )}
        {told !== null && (
          <div className="oldbar" role="status">
            <Icon name="check" size={14} />
            <span className="grow">{told}</span>
            <button type="button" className="btn xs" onClick={() => setTold(null)}>{t("common.close")}</button>
          </div>
        )}
        {view === "outline" ? (
          <Outline {...common} doc={doc} shown={shown} onCanvas={() => show("canvas")}>{palette}</Outline>
        ) : (
          <EditCanvas {...common} document={shown} at={at} onMove={move} onArrange={arrange} onOutline={() => show("outline")}>{palette}</EditCanvas>
        )}
        {listed && <Problems problems={problems} nameOf={nameOf} onLead={leadTo} onClose={() => setListed(false)} />}
      </div>
      {only !== undefined && (
        <NodeEditor
          key={only.id}
          node={only}
          doc={doc}
          catalog={catalog}
          problems={problems}
          portsOf={portsFor}
          run={act}
          onAdd={(port) => setPicking({ target: { kind: "after", from: only.id, port, wish: null }, px: { x: 24, y: 52 } })}
          onClose={() => choose([])}
        />
      )}
      {publishing && <PublishDialog changes={changes} base={latest} problems={problems} onPublish={finish} onProblem={leadTo} onClose={() => setPublishing(false)} />}
      {editing.conflicts.length > 0 && (
        <MergeDialog
          doc={doc}
          conflicts={editing.conflicts}
          onDone={(next) => {
            editing.settled();
            act({ kind: "replace", doc: next });
          }}
        />
      )}
    </div>
  );
}
