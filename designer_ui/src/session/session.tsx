/** Who is here and in which environment; known to every page below the frame. */

import { createContext, useCallback, useContext, useMemo, type ReactNode } from "react";
import { useSearchParams } from "react-router";

import type { Environment, Session, User } from "../api/types";

const KEY = "causeway.environment";

export interface Here {
  readonly user: User;
  readonly demo: boolean;
  readonly permissions: readonly string[];
  readonly environments: readonly Environment[];
  readonly environment: Environment;
  readonly switchTo: (slug: string) => void;
  /** An address inside the app that stays in the environment shown. */
  readonly href: (path: string) => string;
}

const Context = createContext<Here | null>(null);

export function useHere(): Here {
  const here = useContext(Context);
  if (here === null) throw new Error("useHere outside of the frame");
  return here;
}

/** Adds the environment to an address unless there is only one to be in. */
export function hrefIn(path: string, environment: string, several: boolean): string {
  if (!several) return path;
  const [place = "", search = ""] = path.split("?", 2);
  const params = new URLSearchParams(search);
  params.set("environment", environment);
  return `${place}?${params.toString()}`;
}

const NONE: Environment = { slug: "", name: "", kind: "development" };

export function SessionProvider({ session, user, children }: { readonly session: Session; readonly user: User; readonly children: ReactNode }) {
  const [params, setParams] = useSearchParams();
  const { environments } = session;
  const wanted = params.get("environment") ?? window.localStorage.getItem(KEY);
  const environment = environments.find((one) => one.slug === wanted) ?? environments[0] ?? NONE;
  const several = environments.length > 1;

  const switchTo = useCallback(
    (slug: string) => {
      window.localStorage.setItem(KEY, slug);
      setParams((old) => {
        const next = new URLSearchParams(old);
        next.set("environment", slug);
        return next;
      });
    },
    [setParams],
  );

  const here = useMemo<Here>(
    () => ({
      user,
      demo: session.demo,
      permissions: session.permissions,
      environments,
      environment,
      switchTo,
      href: (path) => hrefIn(path, environment.slug, several),
    }),
    [user, session, environments, environment, switchTo, several],
  );
  return <Context.Provider value={here}>{children}</Context.Provider>;
}
