/** Asks how a run is to be replayed, and says beforehand what that will do. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useNavigate } from "react-router";

import { api, Problem } from "../../api/client";
import { deployedVersionsQuery, runTextQuery } from "../../api/queries";
import type { ReplayPreview, RunDetail } from "../../api/types";
import { useI18n } from "../../i18n";
import type { RunView } from "../../runs/view";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { JsonEditor } from "../../ui/JsonEditor";
import { Failure, Loading, Notice } from "../../ui/parts";
import { useSettled } from "../../ui/useSettled";
import { beginnings, correctable, dataOf, NOTHING, requestOf, sorted, UNTROUBLED, type Edit, type Wish } from "./wish";

interface Props {
  readonly run: RunDetail;
  readonly view: RunView;
  /** What is edited at first. */
  readonly edit: Edit;
  /** Where to begin at first: "" or the id of a node. */
  readonly from: string;
  readonly onClose: () => void;
}

const valueOf = (edit: Edit): string => (edit.what === "output" ? `output:${edit.node}` : edit.what);

function editOf(value: string): Edit {
  if (value === "trigger") return { what: "trigger" };
  return value.startsWith("output:") ? { what: "output", node: value.slice("output:".length) } : NOTHING;
}

export function ReplayDialog(props: Props) {
  const { t } = useI18n();
  const { permissions } = useHere();
  const mayRead = permissions.includes("read_payloads");
  const text = useQuery({ ...runTextQuery(props.run.id), enabled: mayRead, staleTime: 0, gcTime: 0 });
  if (mayRead && text.data === undefined) {
    return (
      <Dialog title={titleOf(props.run, t("replay.title"))} wide onClose={props.onClose} acts={null}>
        {text.error === null ? <Loading lines={5} /> : <Failure error={text.error} retry={() => void text.refetch()} />}
      </Dialog>
    );
  }
  return <Form {...props} runText={mayRead ? (text.data ?? null) : null} />;
}

const titleOf = (run: RunDetail, words: string): string => `${words} ${run.business_key === "" ? run.id.slice(0, 8) : run.business_key}`;

function Form({ run, view, edit, from, onClose, runText }: Props & { readonly runText: string | null }) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const client = useQueryClient();
  const navigate = useNavigate();
  const versions = useQuery(deployedVersionsQuery(run.flow.slug, environment.slug));
  const trigger = view.triggerNode ?? run.trigger.node ?? "";
  const { document } = run;
  const nameOf = (id: string): string => document.nodes.find((one) => one.id === id)?.name ?? id;

  const first = runText === null ? NOTHING : edit;
  const [wish, setWish] = useState<Wish>({ from, edit: first, text: runText === null ? "" : dataOf(runText, first), version: run.version });
  const original = runText === null ? "" : dataOf(runText, wish.edit);
  const broke = run.state === "dead" || run.state === "failed" ? (run.error?.node ?? "") : "";
  const path = `/runs/${encodeURIComponent(run.id)}/replay`;

  const settled = useSettled(useDeferredValue(wish), 350);
  const asked = requestOf(settled, run.version, true);
  const preview = useQuery({
    queryKey: ["replayPreview", run.id, asked],
    queryFn: ({ signal }) => api.postText<ReplayPreview>(path, asked ?? "{}", signal),
    enabled: asked !== null,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const replay = useMutation({
    mutationFn: (body: string) => api.postText<RunDetail>(path, body),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["run", run.id] });
      void client.invalidateQueries({ queryKey: ["runs", environment.slug] });
      onClose();
      void navigate(href(`/runs/${made.id}`));
    },
  });

  const error = replay.error ?? (settled === wish ? preview.error : null);
  const trouble = error instanceof Problem ? sorted(error.errors, error.code, error.detail, wish) : UNTROUBLED;
  const body = requestOf(wish, run.version, false);
  const change = (next: Partial<Wish>) => {
    replay.reset();
    setWish((old) => ({ ...old, ...next }));
  };
  const choose = (next: Edit) => {
    if (runText !== null) change({ edit: next, text: dataOf(runText, next), from: "" });
  };
  const known = [...new Set([run.version, ...(versions.data ?? [])])].sort((left, right) => right - left);
  const latest = versions.data?.[0];

  return (
    <Dialog
      title={titleOf(run, t("replay.title"))}
      text={t("replay.text")}
      wide
      onClose={onClose}
      acts={
        <>
          <Outlook preview={settled === wish ? preview.data : undefined} wish={wish} broke={broke} nameOf={nameOf} />
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton icon="play" kind="pri" busy={replay.isPending} disabled={body === null} onClick={() => body !== null && replay.mutate(body)}>
            {t("replay.do")}
          </ActionButton>
        </>
      }
    >
      {error !== null && (trouble.rest || !(error instanceof Problem)) && <Notice error={error} />}
      <div className="thirds">
        <Labelled label={t("replay.data")} hint={runText === null ? t("replay.mayNotEdit") : undefined}>
          {(ids) => (
            <select {...ids} className="field" value={valueOf(wish.edit)} disabled={runText === null} onChange={(event) => choose(editOf(event.target.value))}>
              <option value="nothing">{t("replay.data.same")}</option>
              <option value="trigger">{t("replay.data.trigger")}</option>
              {correctable(view, document, trigger).map((one) => (
                <option key={one.node} value={`output:${one.node}`}>{t("replay.data.output", { name: nameOf(one.node) })}</option>
              ))}
            </select>
          )}
        </Labelled>
        <Labelled label={t("replay.from")} problem={trouble.from}>
          {(ids) =>
            wish.edit.what === "nothing" ? (
              <select {...ids} className="field" value={wish.from} onChange={(event) => change({ from: event.target.value })}>
                {broke !== "" && <option value="">{t("replay.from.broke", { name: nameOf(broke) })}</option>}
                {broke === "" && <option value="">{t("replay.from.usual")}</option>}
                {beginnings(view, document, trigger).map((one) => (
                  <option key={one} value={one}>{one === trigger ? t("replay.from.start") : nameOf(one)}</option>
                ))}
              </select>
            ) : (
              <select {...ids} className="field" disabled value="">
                <option value="">{wish.edit.what === "trigger" ? t("replay.from.start") : t("replay.from.after", { name: nameOf(wish.edit.node) })}</option>
              </select>
            )
          }
        </Labelled>
        <Labelled label={t("replay.version")} problem={trouble.version}>
          {(ids) => (
            <select {...ids} className="field" value={wish.version} onChange={(event) => change({ version: Number(event.target.value) })}>
              {known.map((one) => (
                <option key={one} value={one}>
                  {t(one === run.version ? (one === latest ? "replay.version.both" : "replay.version.ran") : one === latest ? "replay.version.now" : "replay.version.before", { number: one })}
                </option>
              ))}
            </select>
          )}
        </Labelled>
      </div>
      {wish.edit.what !== "nothing" && (
        <JsonEditor
          key={valueOf(wish.edit)}
          label={wish.edit.what === "trigger" ? t("replay.editor.trigger") : t("replay.editor.output", { name: nameOf(wish.edit.node) })}
          value={wish.text}
          original={original}
          problems={trouble.lines}
          onChange={(typed) => change({ text: typed })}
        />
      )}
    </Dialog>
  );
}

/** In words what is taken over and what is done again. */
function Outlook({
  preview,
  wish,
  broke,
  nameOf,
}: {
  readonly preview: ReplayPreview | undefined;
  readonly wish: Wish;
  readonly broke: string;
  readonly nameOf: (id: string) => string;
}) {
  const { t } = useI18n();
  const count = preview?.attached.length ?? 0;
  const names = preview?.attached.map(nameOf).join(" · ");
  const begin = wish.edit.what === "nothing" ? (wish.from === "" ? broke : wish.from) : "";
  return (
    <div className="grow outlook small t2" role="status">
      {preview !== undefined && (
        <>
          <Icon name="info" size={14} />
          <span title={names === "" ? undefined : names}>
            {count === 0 ? t("replay.outlook.all") : t("replay.outlook.some", { count })}{" "}
            {count > 0 && begin !== "" && t("replay.outlook.from", { name: nameOf(begin) })}{" "}
            {t("replay.outlook.once")}
          </span>
        </>
      )}
    </div>
  );
}
