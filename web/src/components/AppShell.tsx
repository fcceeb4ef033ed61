import { Link, Outlet } from "@tanstack/react-router";
import { useMemo } from "react";
import { createClient } from "../api/client";
import { SignInPage } from "../pages/SignInPage";
import { ClientContext } from "../session/ClientContext";
import { signOut } from "../session/session";
import { useSession } from "../session/useSession";
import { ThemeToggle } from "../theme/ThemeToggle";
import { Icon } from "./Icon";
import { Mark } from "./Mark";

/** The frame of every page. Without a session it is the sign-in page, at whatever address was asked for. */
export function AppShell() {
  const { key } = useSession();
  const client = useMemo(() => (key === null ? null : createClient(key)), [key]);
  if (client === null) return <SignInPage />;
  return (
    <ClientContext value={client}>
      <a href="#main" className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:z-20">
        Skip to content
      </a>
      <header className="sticky top-0 z-10 border-b border-line bg-surface">
        <div className="flex h-12 items-center gap-4 px-4 sm:px-6">
          <Link to="/requests" className="flex items-center gap-2 font-semibold tracking-tight">
            <Mark />
            Gatehouse
          </Link>
          <nav aria-label="Main" className="flex h-full items-stretch">
            <Link
              to="/requests"
              className="flex items-center border-b-2 border-transparent px-2 pt-0.5 text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
            >
              Requests
            </Link>
          </nav>
          <div className="ml-auto flex items-center gap-1">
            <ThemeToggle />
            <button type="button" className="button-quiet" onClick={() => signOut()}>
              <Icon name="exit" />
              Sign out
            </button>
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="px-4 py-4 outline-none sm:px-6">
        <Outlet />
      </main>
    </ClientContext>
  );
}
