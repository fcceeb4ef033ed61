import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { Announcer } from "../announce/Announcer";
import { createClient } from "../api/client";
import { SignInPage } from "../pages/SignInPage";
import { ClientContext } from "../session/ClientContext";
import { useSession } from "../session/useSession";
import { Icon } from "./Icon";
import { Mark } from "./Mark";
import { Drawer } from "./shell/Drawer";
import { Navigation } from "./shell/Navigation";
import { ShortcutHelp } from "./shell/ShortcutHelp";
import { UserMenu } from "./shell/UserMenu";
import { useShortcuts } from "./shell/useShortcuts";

const STORAGE_KEY = "gatehouse.navigation";
/** What links lead to that people follow before they are signed in. */
const LINK_PAGES = ["/first-visit", "/invitation", "/new-password"];

/** The frame of every page. Without a session it is the sign-in page, at whatever address was asked for. */
export function AppShell() {
  const { credential, isAsking } = useSession();
  const { pathname } = useLocation();
  const client = useMemo(() => (credential === null ? null : createClient(credential)), [credential]);
  if (LINK_PAGES.includes(pathname)) return <Outlet />;
  if (isAsking) return null;
  if (client === null) return <SignInPage />;
  return (
    <ClientContext value={client}>
      <Frame />
    </ClientContext>
  );
}

function Frame() {
  const [isWide, setWide] = useState(() => localStorage.getItem(STORAGE_KEY) !== "narrow");
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const help = useCallback(() => setHelpOpen(true), []);
  useShortcuts(help);
  const toggle = () => {
    localStorage.setItem(STORAGE_KEY, isWide ? "narrow" : "wide");
    setWide(!isWide);
  };
  return (
    <div className="flex min-h-dvh max-lg:flex-col">
      <a href="#main" className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:z-50">
        Skip to content
      </a>
      <aside className={`sticky top-0 hidden h-dvh shrink-0 flex-col border-r border-line bg-surface lg:flex ${isWide ? "w-54" : "w-13"}`}>
        <div className={`flex h-12 shrink-0 items-center px-3 ${isWide ? "justify-between" : "justify-center"}`}>
          {isWide && <Home />}
          <button type="button" className="button-quiet px-1.5" aria-expanded={isWide} aria-label="Names in the navigation" title={isWide ? "Fold the navigation" : "Unfold the navigation"} onClick={toggle}>
            <Icon name="collapse" />
          </button>
        </div>
        <Navigation isWide={isWide} />
        <div className="shrink-0 border-t border-line p-1.5">
          <UserMenu isWide={isWide} onHelp={help} />
        </div>
      </aside>
      <header className="sticky top-0 z-20 flex h-12 items-center gap-1 border-b border-line bg-surface px-3 lg:hidden">
        <button type="button" className="button-quiet px-1.5" aria-label="Open the navigation" aria-expanded={isDrawerOpen} onClick={() => setDrawerOpen(true)}>
          <Icon name="menu" />
        </button>
        <Home />
        <div className="ml-auto w-11">
          <UserMenu isWide={false} onHelp={help} />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 px-4 py-4 outline-none sm:px-6">
        <Outlet />
      </main>
      {isDrawerOpen && (
        <Drawer label="Navigation" onClose={() => setDrawerOpen(false)}>
          <div className="flex h-12 shrink-0 items-center justify-between px-3">
            <Home />
            <button type="button" className="button-quiet px-1.5" aria-label="Close the navigation" onClick={() => setDrawerOpen(false)}>
              <Icon name="close" />
            </button>
          </div>
          <Navigation isWide onGo={() => setDrawerOpen(false)} />
        </Drawer>
      )}
      {isHelpOpen && <ShortcutHelp onClose={() => setHelpOpen(false)} />}
      <Announcer />
    </div>
  );
}

function Home() {
  return (
    <Link to="/dashboard" className="flex items-center gap-2 font-semibold tracking-tight">
      <Mark />
      Gatehouse
    </Link>
  );
}
