/** Replays many dead letters: first what would happen, then the act. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api } from "../../api/client";
import { bulkQuery, deployedVersionsQuery } from "../../api/queries";
import type { BulkDetail, BulkPreview, RunRow } from "../../api/types";
import { useI18n } from "../../i18n";
import { useHere } from "../../session/session";
import { ActionButton } from "../../ui/ActionButton";
import { Dialog, Labelled } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading, Notice, Time } from "../../ui/parts";
import { bulkBody, keyOf, outlook, type BulkWish, type Options } from "./bulk";

interface Props {
  readonly wish: BulkWish;
  readonly onClose: () => void;
}

export function BulkDialog({ wish, onClose }: Props) {
  const { t } = useI18n();
  const { environment, href } = useHere();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [options, setOptions] = useState<Options>({ skipSuperseded: true, version: null });
  const body = bulkBody(environment.slug, wish, options);
  const preview = useQuery({
    queryKey: ["bulkPreview", body],
    queryFn: () => api.post<BulkPreview>("/replays", { ...body, dry: true }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const replay = useMutation({
    mutationFn: () => api.post<BulkDetail>("/replays", body),
    onSuccess: (made) => {
      client.setQueryData(bulkQuery(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: ["bulks", environment.slug] });
      onClose();
      void navigate(href(`/runs?bulk=${made.id}`));
    },
  });
  const found = preview.data;
  return (
    <Dialog
      title={t("bulk.title")}
      text={t("bulk.text")}
      wide
      onClose={onClose}
      acts={
        <>
          <div className="grow small t2" role="status">
            {found !== undefined && (
              <>
                {t("bulk.would", { count: found.count })}
                {found.superseded_count > 0 && ` ${t("bulk.wouldNot", { count: found.superseded_count })}`}
              </>
            )}
          </div>
          <form method="dialog"><button className="btn">{t("common.cancel")}</button></form>
          <ActionButton icon="play" kind="pri" busy={replay.isPending} disabled={found === undefined || found.count === 0 || preview.isPlaceholderData} onClick={() => replay.mutate()}>
            {t("bulk.do", { count: found?.count ?? 0 })}
          </ActionButton>
        </>
      }
    >
      {replay.error !== null && <Notice error={replay.error} />}
      {found === undefined ? (
        preview.error === null ? <Loading lines={5} /> : <Failure error={preview.error} retry={() => void preview.refetch()} />
      ) : (
        <Preview wish={wish} found={found} options={options} onOptions={setOptions} />
      )}
    </Dialog>
  );
}

function Preview({
  wish,
  found,
  options,
  onOptions,
}: {
  readonly wish: BulkWish;
  readonly found: BulkPreview;
  readonly options: Options;
  readonly onOptions: (options: Options) => void;
}) {
  const { t } = useI18n();
  const { environment } = useHere();
  const { gone, doubtful, flow } = outlook(wish, found);
  const versions = useQuery({ ...deployedVersionsQuery(flow ?? "", environment.slug), enabled: flow !== null });
  const known = versions.data ?? [];
  return (
    <>
      {found.count === 0 && found.superseded_count === 0 ? (
        <Empty icon="check" title={t("bulk.none")} text={t("bulk.none.text")} />
      ) : (
        <BulkTable runs={found.runs} superseded={found.superseded} />
      )}
      {found.count > found.runs.length && <p className="small t2">{t("bulk.shown", { count: found.runs.length })}</p>}
      {(gone > 0 || doubtful > 0 || found.left) && (
        <ul className="hints small">
          {found.left && <li><Icon name="info" size={14} />{t("bulk.left", { count: found.count })}</li>}
          {gone > 0 && <li><Icon name="info" size={14} />{t("bulk.gone", { count: gone })}</li>}
          {doubtful > 0 && <li className="fwarn"><Icon name="help" size={14} />{t("bulk.doubtful", { count: doubtful })}</li>}
        </ul>
      )}
      <div className="bulkopts">
        {flow !== null && known.length > 1 && (
          <Labelled label={t("replay.version")}>
            {(ids) => (
              <select {...ids} className="field" value={options.version ?? ""} onChange={(event) => onOptions({ ...options, version: event.target.value === "" ? null : Number(event.target.value) })}>
                <option value="">{t("bulk.version.ran")}</option>
                {known.map((one, index) => (
                  <option key={one} value={one}>{t(index === 0 ? "replay.version.now" : "replay.version.before", { number: one })}</option>
                ))}
              </select>
            )}
          </Labelled>
        )}
        <label className="check">
          <input type="checkbox" checked={options.skipSuperseded} onChange={(event) => onOptions({ ...options, skipSuperseded: event.target.checked })} />
          <span>
            {t("bulk.skip")}
            <span className="small t2">{t("bulk.skip.text")}</span>
          </span>
        </label>
      </div>
    </>
  );
}

/** What is taken, in its order, and below it what is left out. */
function BulkTable({ runs, superseded }: { readonly runs: readonly RunRow[]; readonly superseded: readonly RunRow[] }) {
  const { t } = useI18n();
  return (
    <div className="bulklist" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col" className="num">{t("bulk.place")}</th>
            <th scope="col">{t("runs.record")}</th>
            <th scope="col">{t("runs.flow")}</th>
            <th scope="col">{t("error.what")}</th>
            <th scope="col" className="num">{t("runs.when")}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((one, index) => <BulkRow key={one.id} run={one} place={index + 1} />)}
          {superseded.map((one) => <BulkRow key={one.id} run={one} place={null} />)}
        </tbody>
      </table>
    </div>
  );
}

function BulkRow({ run, place }: { readonly run: RunRow; readonly place: number | null }) {
  const { t } = useI18n();
  const said = place === null ? t("bulk.superseded") : (run.error?.message ?? "");
  return (
    <tr className={place === null ? "out" : undefined}>
      <td className="num t3">{place ?? "–"}</td>
      <td className="med nowrap">{keyOf(run)}</td>
      <td className="t2"><div className="cut">{run.flow.name} v{run.version}</div></td>
      <td className="said"><div className="cut" title={said}>{said}</div></td>
      <td className="num small t2 nowrap"><Time at={run.created_at} /></td>
    </tr>
  );
}
