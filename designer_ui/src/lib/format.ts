/** How values are written for people: numbers and instants by locale, durations by size. */

export interface Quantity {
  readonly value: string;
  readonly unit: "ms" | "s" | "min" | "h" | "d";
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration as one short number and its unit; two digits that matter, no more. */
export function duration(ms: number, locale: string): Quantity {
  const write = (value: number, digits: number): string =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: 0,
      maximumFractionDigits: digits,
    }).format(value);
  const size = Math.max(0, ms);
  if (size < 999.5) return { value: write(Math.round(size), 0), unit: "ms" };
  if (size < 9_995) return { value: write(size / 1000, 2), unit: "s" };
  if (size < MINUTE - 50) return { value: write(size / 1000, 1), unit: "s" };
  if (size < HOUR) return { value: write(size / MINUTE, size < 10 * MINUTE ? 1 : 0), unit: "min" };
  if (size < DAY) return { value: write(size / HOUR, 1), unit: "h" };
  return { value: write(size / DAY, 1), unit: "d" };
}

export function durationText(ms: number, locale: string): string {
  if (ms > -1 && ms < 0.5) return `< 1\u00a0ms`;
  const { value, unit } = duration(ms, locale);
  return `${value}\u00a0${unit}`;
}

export function count(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

export function money(value: string | number, currency: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(Number(value));
}

/** Whole instant with seconds and zone, for titles and hovers. */
export function exactInstant(instant: string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: "full",
    timeStyle: "long",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(instant));
}

export function clock(instant: string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(instant));
}

const STEPS: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
  [1000, "second"],
];

/** "3 minutes ago" for the last week, the date before that. */
export function relative(instant: string, now: number, locale: string): string {
  const then = new Date(instant).getTime();
  const gap = then - now;
  const size = Math.abs(gap);
  if (size > 7 * DAY) {
    return new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      ...(size > 300 * DAY ? { year: "numeric" } : {}),
    }).format(then);
  }
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  for (const [length, unit] of STEPS) {
    if (size >= length) return words.format(Math.trunc(gap / length), unit);
  }
  return words.format(0, "second");
}

const ISO = /^(?:P)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO 8601 duration of days or smaller; null for anything else. */
export function isoDuration(text: string): number | null {
  const parts = ISO.exec(text);
  if (parts === null || text === "P" || text.endsWith("T")) return null;
  const [, days, hours, minutes, seconds] = parts;
  return (
    Number(days ?? 0) * DAY +
    Number(hours ?? 0) * HOUR +
    Number(minutes ?? 0) * MINUTE +
    Number(seconds ?? 0) * 1000
  );
}
