/** What this browser remembers of its reader: theme, language, folded rail. */

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { I18nContext, i18nOf, isLanguage, localeOf, type Language } from "../i18n";

export type Theme = "light" | "dark" | "system";

interface Prefs {
  readonly theme: Theme;
  readonly language: Language;
  /** null: fold on canvas pages only. */
  readonly folded: boolean | null;
}

interface PrefsContext extends Prefs {
  readonly change: (some: Partial<Prefs>) => void;
}

const KEY = "causeway.prefs";

function isTheme(value: unknown): value is Theme {
  return value === "light" || value === "dark" || value === "system";
}

export function readPrefs(stored: string | null, languages: readonly string[]): Prefs {
  let saved: { theme?: unknown; language?: unknown; folded?: unknown } = {};
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    if (typeof value === "object" && value !== null) saved = value;
  } catch {
    // A broken entry is as good as none.
  }
  const first = languages.map((one) => one.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
  return {
    theme: isTheme(saved.theme) ? saved.theme : "system",
    language: isLanguage(saved.language) ? saved.language : first,
    folded: typeof saved.folded === "boolean" ? saved.folded : null,
  };
}

const Context = createContext<PrefsContext>({ theme: "system", language: "en", folded: null, change: () => undefined });

export function usePrefs(): PrefsContext {
  return useContext(Context);
}

export function PrefsProvider({ children }: { readonly children: ReactNode }) {
  const [prefs, setPrefs] = useState(() => readPrefs(window.localStorage.getItem(KEY), navigator.languages));
  const locale = localeOf(prefs.language, navigator.languages);

  useEffect(() => {
    window.localStorage.setItem(KEY, JSON.stringify(prefs));
  }, [prefs]);

  useEffect(() => {
    document.documentElement.lang = prefs.language;
  }, [prefs.language]);

  useEffect(() => {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      const isDark = prefs.theme === "dark" || (prefs.theme === "system" && dark.matches);
      document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    };
    apply();
    dark.addEventListener("change", apply);
    return () => dark.removeEventListener("change", apply);
  }, [prefs.theme]);

  const context = useMemo(
    () => ({ ...prefs, change: (some: Partial<Prefs>) => setPrefs((old) => ({ ...old, ...some })) }),
    [prefs],
  );
  const i18n = useMemo(() => i18nOf(prefs.language, locale), [prefs.language, locale]);
  return (
    <Context.Provider value={context}>
      <I18nContext.Provider value={i18n}>{children}</I18nContext.Provider>
    </Context.Provider>
  );
}
