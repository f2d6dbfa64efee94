/** One step of a run: what came in, what was sent, what came back, and the receipt. */

import { useSearchParams } from "react-router";

import type { Json, Receipt, RunDetail } from "../../api/types";
import { nodeLooks, place, useCatalog } from "../../canvas/looks";
import { useI18n } from "../../i18n";
import { durationText } from "../../lib/format";
import { nodeViews, type RunView, type StepView } from "../../runs/view";
import { DataModes, DataView, Scalar, type DataMode } from "../../ui/DataView";
import { Icon, type IconName } from "../../ui/Icon";
import { Empty, Pill, Tabs, Tile, Time } from "../../ui/parts";
import { inputOf, sentOf } from "./payloads";

type Tab = "input" | "sent" | "output";

interface Props {
  readonly run: RunDetail;
  readonly view: RunView;
  readonly node: string | null;
  readonly path: string;
  readonly onSelect: (node: string, path?: string) => void;
}

export function StepPanel({ run, view, node, path, onSelect }: Props) {
  const { t, locale } = useI18n();
  const catalog = useCatalog();
  const [params, setParams] = useSearchParams();
  const { document } = run;
  const spec = document.nodes.find((one) => one.id === node);
  if (spec === undefined) return <Empty icon="flow" title={t("run.choose")} text={t("run.choose.text")} />;
  const steps = view.steps.filter((one) => one.node === spec.id);
  const step = steps.find((one) => one.path === path) ?? steps[0];
  const looks = nodeLooks(spec.type, catalog);
  const isTrigger = spec.id === (view.triggerNode ?? run.trigger.node);
  const sent = step === undefined ? undefined : sentOf(step);
  const writes = sent !== undefined;
  const asked = params.get("data");
  const tab: Tab =
    asked === "input" || asked === "output" ? asked : asked === "sent" && writes ? "sent" : writes ? "sent" : isTrigger ? "output" : step?.output === undefined ? "input" : "output";
  const shown = params.get("as");
  const mode: DataMode = shown === "table" || shown === "json" ? shown : "tree";
  const set = (name: string, value: string) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const apart = nodeViews(view, document).get(spec.id)?.state === "apart";
  const order = view.steps.filter((one) => one.state !== "skipped");
  const index = step === undefined ? -1 : order.indexOf(step);
  const [previous, next] = [order[index - 1], order[index + 1]];
  const value = (): Json | undefined => {
    switch (tab) {
      case "input":
        return inputOf(spec.id, document, view, run.trigger.data);
      case "sent":
        return sent;
      case "output":
        return isTrigger && step?.output === undefined ? run.trigger.data : step?.output;
    }
  };
  const about = [
    place(spec, document, run.connections, t),
    step?.origin === undefined || step.origin === null ? "" : t(`step.${step.origin}`),
    step !== undefined && step.attempts.length > 1 ? t("step.attempts", { count: step.attempts.length }) : "",
    step?.ms === undefined || step.ms === null ? "" : durationText(step.ms, locale),
    step?.receipt === undefined || step.receipt === null ? "" : t("receipt.record", { entity: step.receipt.entity, id: step.receipt.record_id }),
  ].filter((one) => one !== "");
  return (
    <>
      <div className="ih">
        <Tile hue={looks.hue} icon={looks.icon} />
        <div className="grow">
          <h2 className="h3 cut">{spec.name}</h2>
          <div className="small t3 cut">{about.join(" · ")}</div>
        </div>
        <button type="button" className="btn ghost s sq" aria-label={t("run.previous")} title={t("run.previous")} disabled={previous === undefined} onClick={() => previous !== undefined && onSelect(previous.node, previous.path)}>
          <Icon name="arrowUp" />
        </button>
        <button type="button" className="btn ghost s sq" aria-label={t("run.next")} title={t("run.next")} disabled={next === undefined} onClick={() => next !== undefined && onSelect(next.node, next.path)}>
          <Icon name="arrowDown" />
        </button>
      </div>
      {steps.length > 1 && (
        <label className="itembar">
          <span className="label">{t("step.item")}</span>
          <select className="field s grow" value={step?.path ?? ""} onChange={(event) => onSelect(spec.id, event.target.value)}>
            {steps.map((one) => (
              <option key={one.path} value={one.path}>{one.path} · {t(`step.${one.state}`)}</option>
            ))}
          </select>
        </label>
      )}
      {step !== undefined && <Pause step={step} />}
      <div className="ph">
        <Tabs
          label={t("run.data")}
          value={tab}
          onChange={(one) => set("data", one)}
          options={[
            { value: "input" as const, label: t("run.input") },
            ...(writes ? [{ value: "sent" as const, label: t("run.sent") }] : []),
            { value: "output" as const, label: t("run.output") },
          ]}
        />
        <span className="grow" />
        <DataModes value={mode} onChange={(one) => set("as", one)} />
      </div>
      <div className={step?.receipt === undefined || step.receipt === null ? "pl" : "pl half"} role="tabpanel" aria-label={t("run.data")}>
        {apart ? (
          <Empty icon="layers" title={t("step.apart")} text={t("step.apart.text")} />
        ) : step === undefined && !isTrigger ? (
          <Empty icon="minus" title={t("step.notReached")} />
        ) : (
          <DataView value={value()} mode={mode} />
        )}
      </div>
      {step?.receipt !== undefined && step.receipt !== null && <ReceiptTable receipt={step.receipt} />}
    </>
  );
}

function Pause({ step }: { readonly step: StepView }) {
  const { t, maybe } = useI18n();
  if (step.state !== "waiting") return null;
  const last = step.attempts.at(-1)?.error;
  return (
    <div className="pausebar">
      <Icon name="clock" size={14} />
      <div className="grow">
        <div>
          {maybe(`waiting.${step.waitingFor ?? "retry"}`) ?? t("step.waiting")}{" "}
          {step.waitingUntil !== null && <Time at={step.waitingUntil} ahead />}
        </div>
        {last !== undefined && last !== null && <div className="small wrap">{last.message}</div>}
      </div>
    </div>
  );
}

const RESULTS: { readonly [result: string]: readonly [IconName, string] } = {
  same: ["check", "fok"],
  absorbed: ["info", "frun"],
  diverged: ["failed", "ferr"],
};

function ReceiptTable({ receipt }: { readonly receipt: Receipt }) {
  const { t } = useI18n();
  const of = (result: string): number => receipt.fields.filter((one) => one.result === result).length;
  // What differs is what people look for.
  const rank: readonly string[] = ["diverged", "absorbed", "same"];
  const fields = [...receipt.fields].sort((left, right) => rank.indexOf(left.result) - rank.indexOf(right.result));
  const tone = receipt.verdict === "diverged" ? "err" : "ok";
  return (
    <section className="sec" aria-label={t("receipt.title")}>
      <div className="row sh">
        <h3 className="h3 grow">{t("receipt.title")}</h3>
        <span className="small t2 cut">{t("receipt.counts", { same: of("same"), absorbed: of("absorbed"), diverged: of("diverged") })}</span>
        <Pill tone={tone} icon={tone === "ok" ? "receipt" : "alert"}>
          {receipt.verdict === "diverged" ? t("receipt.diverged") : t("receipt.confirmed")}
        </Pill>
      </div>
      <div className="rcscroll" tabIndex={0}>
        <table className="rc">
          <colgroup>
            <col style={{ width: 104 }} />
            <col />
            <col />
            <col style={{ width: 88 }} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{t("data.field")}</th>
              <th scope="col">{t("run.sent")}</th>
              <th scope="col">{t("receipt.readBack")}</th>
              <th scope="col">{t("receipt.result")}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((one) => {
              const [icon, colour] = RESULTS[one.result] ?? ["info", "fidle"];
              return (
                <tr key={one.field}>
                  <td className="med wrap">{one.field}</td>
                  <td className="mono wrap"><Scalar value={one.sent} plain /></td>
                  <td className="mono wrap"><Scalar value={one.read_back} plain /></td>
                  <td title={one.note}>
                    <span className={`row ${colour}`} style={{ gap: 4 }}>
                      <Icon name={icon} size={14} />
                      {t(`receipt.${one.result}`)}
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

