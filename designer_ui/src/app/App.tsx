import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { BrowserRouter, Link, Route, Routes, useLocation } from "react-router";

import { Problem } from "../api/client";
import { LiveProvider } from "../api/LiveProvider";
import { sessionQuery } from "../api/queries";
import { ApprovalsPage } from "../features/approvals/ApprovalsPage";
import { ConflictsPage } from "../features/conflicts/ConflictsPage";
import { ConnectionsPage } from "../features/connections/ConnectionsPage";
import { CrosswalkPage, CrosswalksPage } from "../features/crosswalks/CrosswalksPage";
import { FlowsPage } from "../features/flows/FlowsPage";
import { HomePage } from "../features/home/HomePage";
import { LinkPage } from "../features/links/LinkPage";
import { LinksPage } from "../features/links/LinksPage";
import { LoginPage } from "../features/login/LoginPage";
import { RunsPage } from "../features/runs/RunsPage";
import { useI18n } from "../i18n";
import { SessionProvider } from "../session/session";
import { Empty, Failure, Loading } from "../ui/parts";
import { useTitle } from "../ui/useTitle";
import { Frame } from "./Frame";
import { placesFor } from "./places";
import { PrefsProvider } from "./prefs";

// Pages with a canvas bring their own, larger code.
const FlowPage = lazy(async () => ({ default: (await import("../features/flows/FlowPage")).FlowPage }));
const RunPage = lazy(async () => ({ default: (await import("../features/runs/RunPage")).RunPage }));
const SandboxPage = lazy(async () => ({ default: (await import("../features/sandbox/SandboxPage")).SandboxPage }));

function makeClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // What the server refuses it refuses again; only silence is worth a second try.
        retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status !== 0),
      },
    },
  });
  client.getQueryCache().subscribe(({ query, type }) => {
    const error: unknown = query.state.error;
    if (type !== "updated" || !(error instanceof Problem) || error.status !== 401) return;
    if (query.queryKey[0] !== "session") void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  });
  return client;
}

const client = makeClient();

export function App() {
  return (
    <QueryClientProvider client={client}>
      <PrefsProvider>
        <LiveProvider>
          <BrowserRouter>
            <Gate />
          </BrowserRouter>
        </LiveProvider>
      </PrefsProvider>
    </QueryClientProvider>
  );
}

/** Shows the login until somebody is there; the address stays, so that it is reached afterwards. */
function Gate() {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const user = session?.user ?? null;
  if (session === undefined) {
    return error === null ? <Loading /> : <main><Failure page error={error} retry={() => void refetch()} /></main>;
  }
  if (user === null) return <LoginPage demo={session.demo} />;
  return (
    <SessionProvider session={session} user={user}>
      <Titles demo={session.demo} permissions={session.permissions} />
      <Routes>
        <Route element={<Frame />}>
          <Route index element={<HomePage />} />
          <Route path="flows" element={<FlowsPage />} />
          <Route path="flows/:slug" element={<Later><FlowPage /></Later>} />
          <Route path="runs" element={<RunsPage />} />
          <Route path="runs/:id" element={<Later><RunPage /></Later>} />
          <Route path="conflicts" element={<ConflictsPage />} />
          <Route path="links" element={<LinksPage />} />
          <Route path="links/:id" element={<LinkPage />} />
          <Route path="approvals" element={<ApprovalsPage />} />
          <Route path="crosswalks" element={<CrosswalksPage />} />
          <Route path="crosswalks/:slug" element={<CrosswalkPage />} />
          <Route path="connections" element={<ConnectionsPage />} />
          <Route path="sandbox" element={<Later><SandboxPage /></Later>} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </SessionProvider>
  );
}

function Later({ children }: { readonly children: ReactNode }) {
  return <Suspense fallback={<Loading lines={8} />}>{children}</Suspense>;
}

/** Titles of the pages in the menu; a page of one thing names that thing itself. */
function Titles({ demo, permissions }: { readonly demo: boolean; readonly permissions: readonly string[] }) {
  const { t } = useI18n();
  const { pathname } = useLocation();
  const place = placesFor(demo, permissions).find((one) => pathname === one.path);
  const title = place === undefined ? null : `${t(place.label)} · Causeway`;
  useEffect(() => {
    if (title !== null) document.title = title;
  }, [title]);
  return null;
}

function NotFound() {
  const { t } = useI18n();
  useTitle(t("notFound.title"));
  return (
    <Empty page icon="search" title={t("notFound.title")} text={t("notFound.text")}>
      <Link className="btn" to="/">{t("nav.home")}</Link>
    </Empty>
  );
}
