import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, useLocation, useNavigate } from "react-router";

import { api } from "../api/client";
import { useLiveState } from "../api/LiveProvider";
import { useI18n, LANGUAGES, type Language } from "../i18n";
import { useHere } from "../session/session";
import { Icon, Logo, type IconName } from "../ui/Icon";
import { MenuButton, MenuItem } from "../ui/parts";
import { OpenBadge } from "./OpenBadge";
import { Help } from "./Help";
import { placesFor } from "./places";
import { usePrefs, type Theme } from "./prefs";
import { QuickSearch } from "./QuickSearch";

const CANVAS_PAGE = /^\/(flows\/.+|runs\/.+|sandbox)$/;
const ENVIRONMENT_ICONS: { readonly [kind: string]: IconName } = {
  production: "shield",
  test: "layers",
  sandbox: "sandbox",
};

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function Frame() {
  const { t } = useI18n();
  const here = useHere();
  const prefs = usePrefs();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [overlay, setOverlay] = useState<"search" | "help" | null>(null);
  const going = useRef(false);
  const main = useRef<HTMLElement>(null);
  const folded = prefs.folded ?? CANVAS_PAGE.test(pathname);
  const places = placesFor(here.demo, here.permissions);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOverlay("search");
        return;
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") {
        setOverlay("help");
      } else if (event.key === "/") {
        event.preventDefault();
        setOverlay("search");
      } else if (going.current) {
        going.current = false;
        const place = placesFor(here.demo, here.permissions).find((one) => one.key === event.key.toLowerCase());
        if (place !== undefined) void navigate(here.href(place.path));
      } else if (event.key === "g") {
        going.current = true;
        window.setTimeout(() => {
          going.current = false;
        }, 1_200);
      }
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [here, navigate]);

  return (
    <div className={folded ? "app folded" : "app"}>
      <a className="btn pri skip" href="#main" onClick={() => main.current?.focus()}>
        {t("nav.skip")}
      </a>
      {here.environment.kind === "production" && <div className="prodline" />}
      <aside className="rail">
        <Link className="brand" to={here.href("/")} aria-label="Causeway">
          <Logo />
          <span aria-hidden="true">Causeway</span>
        </Link>
        <nav aria-label={t("nav.main")}>
          {places.map((one) => (
            <div key={one.path} style={{ display: "contents" }}>
              {one.demoOnly === true && <div className="sep" />}
              <NavLink className="item" to={here.href(one.path)} end={one.path === "/"} title={folded ? t(one.label) : undefined}>
                <Icon name={one.icon} />
                <span className="lb">{t(one.label)}</span>
                {one.badge === "conflicts" && <OpenBadge />}
              </NavLink>
            </div>
          ))}
        </nav>
        <div className="foot">
          <button
            type="button"
            className="item"
            aria-expanded={!folded}
            title={folded ? t("nav.unfold") : undefined}
            onClick={() => prefs.change({ folded: !folded })}
          >
            <Icon name={folded ? "unfold" : "fold"} />
            <span className="lb">{folded ? t("nav.unfold") : t("nav.fold")}</span>
          </button>
        </div>
      </aside>
      <header className="topbar">
        <EnvironmentSwitch />
        <button type="button" className="searchbtn" onClick={() => setOverlay("search")} aria-keyshortcuts="Control+K">
          <Icon name="search" />
          <span className="grow cut">{t("search.button")}</span>
          <span className="kbd">Ctrl K</span>
        </button>
        <div className="end">
          <LiveIndicator />
          <button
            type="button"
            className="btn ghost sq"
            aria-label={t("help.title")}
            title={t("help.title")}
            aria-keyshortcuts="Shift+?"
            onClick={() => setOverlay("help")}
          >
            <Icon name="help" />
          </button>
          <PersonMenu />
        </div>
      </header>
      <main className="main" id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      {overlay === "search" && <QuickSearch places={places} onClose={() => setOverlay(null)} />}
      {overlay === "help" && <Help places={places} onClose={() => setOverlay(null)} />}
    </div>
  );
}

function EnvironmentSwitch() {
  const { t } = useI18n();
  const { environment, environments, switchTo } = useHere();
  const icon = ENVIRONMENT_ICONS[environment.kind] ?? "layers";
  return (
    <MenuButton
      label={t("env.switch", { name: environment.name })}
      className={`env env-${environment.kind}`}
      button={
        <>
          <Icon name={icon} size={14} />
          <span className="cut">{environment.name}</span>
          <Icon name="down" size={14} />
        </>
      }
    >
      {(close) => (
        <>
          <div className="mh label">{t("env.title")}</div>
          {environments.map((one) => (
            <MenuItem
              key={one.slug}
              icon={ENVIRONMENT_ICONS[one.kind] ?? "layers"}
              checked={one.slug === environment.slug}
              onSelect={() => {
                switchTo(one.slug);
                close();
              }}
            >
              {one.name}
            </MenuItem>
          ))}
        </>
      )}
    </MenuButton>
  );
}

function LiveIndicator() {
  const { t } = useI18n();
  const state = useLiveState();
  // Pages that follow nothing open no channel: say nothing there.
  if (state === "idle") return null;
  return (
    <span className={`livedot ${state}`} role="status" title={t(`live.${state}.text`)}>
      <i />
      <span>{t(`live.${state}`)}</span>
    </span>
  );
}

function PersonMenu() {
  const { t } = useI18n();
  const { user } = useHere();
  const prefs = usePrefs();
  const client = useQueryClient();
  const themes: readonly (readonly [Theme, IconName])[] = [
    ["light", "sun"],
    ["dark", "moon"],
    ["system", "display"],
  ];
  const signOut = async () => {
    await api.delete("/session");
    client.clear();
    window.location.assign("/");
  };
  return (
    <MenuButton label={t("person.menu", { name: user.name })} className="av" align="right" button={user.initials}>
      {(close) => (
        <>
          <div className="mh">
            <div className="med cut">{user.name}</div>
            <div className="small t3 cut">{user.username}</div>
          </div>
          <div className="ms" />
          <div className="mh label">{t("person.theme")}</div>
          {themes.map(([theme, icon]) => (
            <MenuItem key={theme} icon={icon} checked={prefs.theme === theme} onSelect={() => prefs.change({ theme })}>
              {t(`person.theme.${theme}`)}
            </MenuItem>
          ))}
          <div className="ms" />
          <div className="mh label">{t("person.language")}</div>
          {(Object.keys(LANGUAGES) as Language[]).map((language) => (
            <MenuItem
              key={language}
              icon="globe"
              checked={prefs.language === language}
              onSelect={() => prefs.change({ language })}
            >
              {LANGUAGES[language]}
            </MenuItem>
          ))}
          <div className="ms" />
          <MenuItem
            icon="exit"
            onSelect={() => {
              close();
              void signOut();
            }}
          >
            {t("person.signOut")}
          </MenuItem>
        </>
      )}
    </MenuButton>
  );
}
