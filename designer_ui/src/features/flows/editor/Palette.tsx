/** Everything that can be put at a place, found by typing; Enter takes the chosen one. */

import { useEffect, useId, useMemo, useRef, useState } from "react";

import type { Catalog, NodeType } from "../../../api/types";
import { connectorName, nodeLooks } from "../../../canvas/looks";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { Tile } from "../../../ui/parts";
import { found, type Place } from "./search";

const MOST = 40;

export function Palette({
  catalog,
  place,
  context,
  used,
  at,
  onPick,
  onClose,
}: {
  readonly catalog: Catalog;
  readonly place: Place;
  /** Where the node will stand, in words. */
  readonly context: string;
  /** Connectors that the flow has already: theirs come first among equals. */
  readonly used: ReadonlySet<string>;
  /** Pixels within the canvas. */
  readonly at: { readonly x: number; readonly y: number };
  readonly onPick: (type: NodeType) => void;
  readonly onClose: () => void;
}) {
  const { t } = useI18n();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const list = useMemo(() => found(catalog, query, place, used).slice(0, MOST), [catalog, query, place, used]);
  const current = Math.min(chosen, list.length - 1);

  useEffect(() => {
    field.current?.focus({ preventScroll: true });
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && box.current?.contains(event.target) !== true) onClose();
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [onClose]);

  const choose = (index: number) => {
    const next = (index + list.length) % Math.max(1, list.length);
    setChosen(next);
    box.current?.querySelectorAll(".pi")[next]?.scrollIntoView({ block: "nearest" });
  };

  return (
    <div ref={box} className="picker" role="dialog" aria-label={t("palette.title")} style={{ left: `max(12px, min(${at.x}px, 100% - 392px))`, top: `max(12px, min(${at.y}px, 100% - 320px))` }}>
      <div className="pf">
        <Icon name="search" />
        <input
          ref={field}
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={current >= 0 ? `${id}-${current}` : undefined}
          aria-label={t("palette.search")}
          placeholder={t("palette.search")}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            event.stopPropagation();
            const picked = list[current];
            if (event.key === "ArrowDown") choose(current + 1);
            else if (event.key === "ArrowUp") choose(current - 1);
            else if (event.key === "Escape") onClose();
            else if (event.key === "Enter" && picked !== undefined) onPick(picked);
            else if (event.key !== "Tab") return;
            event.preventDefault();
          }}
        />
        <span className="small t3 cut">{context}</span>
      </div>
      <div id={id} className="pl" role="listbox" aria-label={t("palette.found")}>
        {list.map((one, index) => {
          const looks = nodeLooks(one.type, catalog);
          return (
            <div
              key={one.type}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              className="pi"
              onPointerMove={() => setChosen(index)}
              onClick={() => onPick(one)}
            >
              <Tile hue={looks.hue} icon={looks.icon} size="s" />
              <span className="grow">
                <span className="med cut pn">{one.title}</span>
                <span className="small t3 cut ps">{one.summary}</span>
              </span>
              <span className="small t3 nowrap">{typeof one.connector === "string" ? connectorName(one.connector, catalog) : t(`palette.${one.kind}`)}</span>
            </div>
          );
        })}
        {list.length === 0 && <p className="small t2 pnone">{t("palette.nothing")}</p>}
      </div>
      <span className="sr" role="status">{t("palette.count", { count: list.length })}</span>
    </div>
  );
}
