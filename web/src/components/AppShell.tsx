import { Link, Outlet } from "@tanstack/react-router";
import { useMemo } from "react";
import { Announcer } from "../announce/Announcer";
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
        <div className="flex flex-wrap items-center gap-x-4 px-4 sm:px-6 lg:h-12 lg:flex-nowrap">
          <Link to="/requests" className="flex h-12 items-center gap-2 font-semibold tracking-tight">
            <Mark />
            Gatehouse
          </Link>
          <Navigation />
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
      <Announcer />
    </ClientContext>
  );
}

const PAGES = [
  { to: "/requests", text: "Requests", more: "" },
  { to: "/costs", text: "Costs", more: "" },
  { to: "/mappers", text: "Mappers", more: "" },
  { to: "/cache", text: "Cache", more: "" },
  { to: "/limits", text: "Rate limits", more: "" },
  { to: "/keys", text: "API keys", more: "" },
  { to: "/vault", text: "Vault", more: "" },
  { to: "/providers", text: "Providers", more: " and domains" },
  { to: "/webhooks", text: "Webhooks", more: "" },
  { to: "/audit", text: "Audit", more: "" },
] as const;

/** The pages. On narrow screens they stand in a line of their own, which scrolls. */
function Navigation() {
  return (
    <nav aria-label="Main" className="relative -mx-2 flex h-9 w-[calc(100%+1rem)] min-w-0 items-stretch overflow-x-auto max-lg:order-last lg:mx-0 lg:h-full lg:w-auto">
      {PAGES.map(({ to, text, more }) => (
        <Link
          key={to}
          to={to}
          className="flex items-center border-b-2 border-transparent px-2 pt-0.5 whitespace-nowrap text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
        >
          {text}
          <span className="whitespace-pre max-xl:sr-only">{more}</span>
        </Link>
      ))}
    </nav>
  );
}
