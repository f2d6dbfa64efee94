/** How a node of a run shows its state: a pill with icon and word, a frame, a dimmed look. */

import type { NodeDress } from "../../canvas/cards";
import type { I18n } from "../../i18n";
import { durationText } from "../../lib/format";
import type { NodeView } from "../../runs/view";
import { Pill } from "../../ui/parts";

export function nodeDress(view: NodeView | undefined, { t, maybe, locale }: I18n): NodeDress {
  if (view === undefined) return { state: "pending", words: "" };
  const words = t(`step.${view.state}`);
  switch (view.state) {
    case "pending":
      return { state: view.state, words };
    case "skipped":
      return { state: view.state, words, dim: true, badge: <Pill tone="idle" icon="minus">{words}</Pill> };
    case "apart":
      return { state: view.state, words, badge: <Pill tone="idle" icon="layers">{words}</Pill> };
    case "stopped":
      return { state: view.state, words, badge: <Pill tone="idle" icon="stop">{words}</Pill> };
    case "running":
      return { state: view.state, words, tone: "run", badge: <Pill tone="run" icon="spinner" spin>{words}</Pill> };
    case "waiting":
      return { state: view.state, words, tone: "run", badge: <Pill tone="run" icon="clock">{words}</Pill> };
    case "failed":
      return { state: view.state, words, tone: "bad", badge: <Pill tone="err" icon="failed">{words}</Pill> };
    case "succeeded": {
      if (view.origin !== null) {
        const origin = t(`step.${view.origin}`);
        return { state: view.state, words: `${words}, ${origin}`, badge: <Pill tone="idle" icon={view.origin === "corrected" ? "pencil" : "check"}>{origin}</Pill> };
      }
      if (view.verdict !== null) {
        const verdict = t(`receipt.${view.verdict}`);
        const tone = view.verdict === "diverged" ? "err" : "ok";
        // Absorbed counts as arrived: the far side keeps the value in a form that we know.
        const shown = view.verdict === "absorbed" ? t("receipt.confirmed") : verdict;
        return { state: view.state, words: verdict, badge: <Pill tone={tone} icon={tone === "ok" ? "receipt" : "alert"}>{shown}</Pill> };
      }
      const port = view.ports.find((one) => one !== "out");
      const label =
        port !== undefined
          ? (maybe(`port.${port}`) ?? port)
          : view.items > 1
            ? t("step.items", { count: view.items })
            : view.ms === null || view.ms < 1
              ? t("step.ok")
              : durationText(view.ms, locale);
      return { state: view.state, words: `${words}, ${label}`, badge: <Pill tone="ok" icon="check">{label}</Pill> };
    }
  }
}
