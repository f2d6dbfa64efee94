/** The words of the screens: one map a language, keyed alike, with plurals by the language's rules. */

import { createContext, useContext } from "react";

import { de } from "./de";
import { en } from "./en";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

type Key = keyof typeof en;
type PluralBase<K> = K extends `${infer Base}_other` ? Base : never;
/** Keys that callers name: plain ones, and for plurals the part before `_one` and `_other`. */
export type MessageKey = Exclude<Key, `${string}_one` | `${string}_other`> | PluralBase<Key>;
export type Messages = { readonly [K in Key]: string };

const MAPS: { readonly [L in Language]: Messages } = { en, de };

/** The locale that writes dates and numbers; English readers keep their region. */
export function localeOf(language: Language, wanted: readonly string[]): string {
  return wanted.find((one) => one.toLowerCase().startsWith(language)) ?? (language === "en" ? "en-GB" : "de-DE");
}

export type Params = { readonly [name: string]: string | number };

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

/** The text of a key; `count` chooses the plural; `{name}` takes the parameter of that name. */
export function translate(language: Language, key: MessageKey, params: Params = {}, locale: string = language): string {
  const map = MAPS[language] as { readonly [key: string]: string };
  const amount = params["count"];
  let template = map[key];
  if (template === undefined && typeof amount === "number") {
    const rule = new Intl.PluralRules(language).select(amount);
    template = map[`${key}_${rule}`] ?? map[`${key}_other`];
  }
  return (template ?? key).replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

export interface I18n {
  readonly language: Language;
  readonly locale: string;
  readonly t: (key: MessageKey, params?: Params) => string;
  /** The text of a key made of parts; null when there is no such text. */
  readonly maybe: (key: string, params?: Params) => string | null;
}

export function i18nOf(language: Language, locale: string): I18n {
  return {
    language,
    locale,
    t: (key, params) => translate(language, key, params, locale),
    maybe: (key, params) => {
      const map = MAPS[language] as { readonly [key: string]: string };
      return map[key] === undefined ? null : translate(language, key as MessageKey, params, locale);
    },
  };
}

export const I18nContext = createContext<I18n>(i18nOf("en", "en-GB"));

export function useI18n(): I18n {
  return useContext(I18nContext);
}
