/** The card of the guided tour, beside the field it speaks of, and a ring around that field. */

import { useEffect, useRef, useState } from "react";

import { useI18n } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { cardSpot, TOUR_STEPS, type Box, type Spot, type Tour, type TourAct, type TourStep } from "./tour";

const LOOK_EVERY = 250;
/** Below this width the panes stand below each other, and the card stands at the bottom. */
const STACKED = 1000;
const RING = 4;

/** The record can be closed before it is shipped: then its list is pointed at. */
const INSTEAD: { readonly [S in TourStep]?: TourStep } = { ship: "record" };

function fieldOf(step: TourStep): HTMLElement | null {
  const named = (name: TourStep) => document.querySelector<HTMLElement>(`[data-tour~="${name}"]`);
  const instead = INSTEAD[step];
  return named(step) ?? (instead === undefined ? null : named(instead));
}

interface Place {
  readonly field: Box;
  readonly card: Spot | null;
}

function same(left: Place | null, right: Place | null): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

export function TourCard({ tour, step, onAct }: { readonly tour: Tour; readonly step: TourStep; readonly onAct: (act: TourAct) => void }) {
  const { t } = useI18n();
  const card = useRef<HTMLElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const number = TOUR_STEPS.indexOf(step) + 1;

  useEffect(() => {
    const stacked = window.innerWidth < STACKED;
    if (stacked) fieldOf(step)?.scrollIntoView({ block: "start" });
    const look = () => {
      const box = fieldOf(step)?.getBoundingClientRect();
      const size = card.current?.getBoundingClientRect();
      if (box === undefined || size === undefined) return;
      const field = { left: Math.round(box.left), top: Math.round(box.top), width: Math.round(box.width), height: Math.round(box.height) };
      const view = { width: window.innerWidth, height: window.innerHeight };
      const next = { field, card: view.width < STACKED ? null : cardSpot(field, size, view) };
      setPlace((old) => (same(old, next) ? old : next));
    };
    look();
    const timer = window.setInterval(look, LOOK_EVERY);
    window.addEventListener("resize", look);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("resize", look);
    };
  }, [step]);

  const last = number === TOUR_STEPS.length;
  return (
    <>
      {place !== null && (
        <div
          className="tourring"
          style={{ left: place.field.left - RING, top: place.field.top - RING, width: place.field.width + 2 * RING, height: place.field.height + 2 * RING }}
        />
      )}
      <section
        className={place?.card === null ? "tour stacked" : "tour"}
        ref={card}
        aria-label={t("tour.title")}
        data-step={step}
        style={place?.card === null || place === null ? undefined : place.card}
        onKeyDown={(event) => {
          if (event.key === "Escape") onAct({ kind: "skip" });
        }}
      >
        <div className="row">
          <span className="stp grow">{t("tour.step", { number, total: TOUR_STEPS.length })}</span>
          <button type="button" className="btn ghost xs sq" aria-label={t("tour.close")} title={t("tour.close")} onClick={() => onAct({ kind: "skip" })}>
            <Icon name="close" size={14} />
          </button>
        </div>
        <div aria-live="polite">
          <h2>{t(`tour.${step}`)}</h2>
          <p className="t2">{t(`tour.${step}.text`, { order: tour.order ?? t("tour.yourOrder") })}</p>
        </div>
        <div className="row" style={{ marginTop: 12 }}>
          <span className="dots grow" aria-hidden="true">
            {TOUR_STEPS.map((one, index) => (
              <i key={one} className={index + 1 < number ? "d" : index + 1 === number ? "c" : undefined} />
            ))}
          </span>
          {!last && <button type="button" className="btn s ghost" onClick={() => onAct({ kind: "skip" })}>{t("tour.skip")}</button>}
          {number > 1 && <button type="button" className="btn s" onClick={() => onAct({ kind: "back" })}>{t("tour.back")}</button>}
          <button type="button" className="btn s pri" onClick={() => onAct({ kind: "next" })}>{last ? t("tour.finish") : t("tour.next")}</button>
        </div>
      </section>
    </>
  );
}
