import { Fragment } from "react";

import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import { Modal } from "../ui/parts";
import type { Place } from "./places";

export function Help({ places, onClose }: { readonly places: readonly Place[]; readonly onClose: () => void }) {
  const { t } = useI18n();
  const keys: readonly (readonly [string, readonly string[]])[] = [
    [t("help.search"), ["Ctrl", "K"]],
    [t("help.help"), ["Shift", "?"]],
    ...places.map((one) => [t("help.goTo", { place: t(one.label) }), ["G", one.key.toUpperCase()]] as const),
    [t("help.walk"), ["Tab"]],
    [t("help.nodes"), ["↑", "↓", "←", "→"]],
    [t("help.fit"), ["0"]],
    [t("help.full"), ["1"]],
    [t("help.select"), ["Enter"]],
    [t("help.add"), ["Tab"]],
    [t("help.undo"), ["Ctrl", "Z"]],
    [t("help.redo"), ["Ctrl", "Y"]],
    [t("help.copy"), ["Ctrl", "C"]],
    [t("help.paste"), ["Ctrl", "V"]],
    [t("help.duplicate"), ["Ctrl", "D"]],
    [t("help.all"), ["Ctrl", "A"]],
    [t("help.delete"), ["Del"]],
    [t("help.rename"), ["F2"]],
    [t("help.move"), ["Alt", "↑"]],
    [t("help.publish"), ["Ctrl", "Shift", "Enter"]],
    [t("help.close"), ["Esc"]],
  ];
  return (
    <Modal label={t("help.title")} className="help" onClose={onClose}>
      <div className="row">
        <h2 className="h3 grow">{t("help.title")}</h2>
        <form method="dialog">
          <button className="btn ghost s sq" aria-label={t("common.close")}>
            <Icon name="close" />
          </button>
        </form>
      </div>
      <dl>
        {keys.map(([what, combination]) => (
          <Fragment key={what}>
            <dt className="t2">{what}</dt>
            <dd className="row">
              {combination.map((one) => (
                <kbd key={one} className="kbd">{one}</kbd>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
