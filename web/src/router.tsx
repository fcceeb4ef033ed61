import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate, redirect } from "@tanstack/react-router";
import { formatAddress, parseAddress, type Address } from "./address/address";
import { AppShell } from "./components/AppShell";
import { NotFoundPage } from "./pages/NotFoundPage";

const rootRoute = createRootRoute({
  component: AppShell,
  notFoundComponent: NotFoundPage,
  // Each page takes from the address what it knows.
  validateSearch: (search: Address): Address => search,
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/dashboard", replace: true });
  },
});

const dashboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dashboard",
  component: lazyRouteComponent(() => import("./pages/DashboardPage"), "DashboardPage"),
});

export const requestsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/requests",
  component: lazyRouteComponent(() => import("./pages/RequestsPage"), "RequestsPage"),
});

export const requestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/requests/$requestId",
  component: lazyRouteComponent(() => import("./pages/RequestPage"), "RequestPage"),
});

// Pages that most visits do not need are loaded when they are asked for.
const sessionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions",
  component: lazyRouteComponent(() => import("./pages/SessionsPage"), "SessionsPage"),
});

const sessionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions/$sessionId",
  component: lazyRouteComponent(() => import("./pages/SessionPage"), "SessionPage"),
});

const usersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/users",
  component: lazyRouteComponent(() => import("./pages/UsersPage"), "UsersPage"),
});

const userRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/users/$userId",
  component: lazyRouteComponent(() => import("./pages/UserPage"), "UserPage"),
});

const propertiesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/properties",
  component: lazyRouteComponent(() => import("./pages/PropertiesPage"), "PropertiesPage"),
});

const feedbackRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/feedback",
  component: lazyRouteComponent(() => import("./pages/FeedbackPage"), "FeedbackPage"),
});

const sqlRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sql",
  component: lazyRouteComponent(() => import("./pages/SqlPage"), "SqlPage"),
});

const cacheRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/cache",
  component: lazyRouteComponent(() => import("./pages/CachePage"), "CachePage"),
});

const referenceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/docs",
  component: lazyRouteComponent(() => import("./pages/ReferencePage"), "ReferencePage"),
});

const costsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/costs",
  component: lazyRouteComponent(() => import("./pages/CostsPage"), "CostsPage"),
});

const mappersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/mappers",
  component: lazyRouteComponent(() => import("./pages/MappersPage"), "MappersPage"),
});

export const mapperRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/mappers/$mapperId",
  component: lazyRouteComponent(() => import("./pages/MapperPage"), "MapperPage"),
});

const limitsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/limits",
  component: lazyRouteComponent(() => import("./pages/RateLimitsPage"), "RateLimitsPage"),
});

const vaultRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/vault",
  component: lazyRouteComponent(() => import("./pages/VaultPage"), "VaultPage"),
});

const keysRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/keys",
  component: lazyRouteComponent(() => import("./pages/KeysPage"), "KeysPage"),
});

const providersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/providers",
  component: lazyRouteComponent(() => import("./pages/ProvidersPage"), "ProvidersPage"),
});

const webhooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/webhooks",
  component: lazyRouteComponent(() => import("./pages/WebhooksPage"), "WebhooksPage"),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("./pages/AuditPage"), "AuditPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/SettingsPage"), "SettingsPage"),
});

const membersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/members",
  component: lazyRouteComponent(() => import("./pages/MembersPage"), "MembersPage"),
});

// Somebody who is signed in has no use for it; for others every page is the sign-in page.
const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: () => <Navigate to="/dashboard" replace />,
});

const firstVisitRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/first-visit",
  component: lazyRouteComponent(() => import("./pages/FirstVisitPage"), "FirstVisitPage"),
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitation",
  component: lazyRouteComponent(() => import("./pages/InvitationPage"), "InvitationPage"),
});

const newPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/new-password",
  component: lazyRouteComponent(() => import("./pages/NewPasswordPage"), "NewPasswordPage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    indexRoute,
    dashboardRoute,
    requestsRoute,
    requestRoute,
    sessionsRoute,
    sessionRoute,
    usersRoute,
    userRoute,
    propertiesRoute,
    feedbackRoute,
    sqlRoute,
    referenceRoute,
    costsRoute,
    mappersRoute,
    mapperRoute,
    cacheRoute,
    limitsRoute,
    keysRoute,
    vaultRoute,
    providersRoute,
    webhooksRoute,
    auditRoute,
    settingsRoute,
    membersRoute,
    signInRoute,
    firstVisitRoute,
    invitationRoute,
    newPasswordRoute,
  ]),
  scrollRestoration: true,
  // The page of one thing keeps nothing for the next: what it shows is always what the address names.
  defaultRemountDeps: ({ params }) => params,
  // The address bar holds plain `name=value` pairs that people can read and edit.
  parseSearch: parseAddress,
  stringifySearch: (search) => formatAddress(search as Address),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
