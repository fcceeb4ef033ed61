import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { AppShell } from "./components/AppShell";
import { formatSearch, parseSearch, type RequestSearch } from "./filter/search";
import { NotFoundPage } from "./pages/NotFoundPage";
import { RequestPage } from "./pages/RequestPage";
import { RequestsPage } from "./pages/RequestsPage";

const rootRoute = createRootRoute({ component: AppShell, notFoundComponent: NotFoundPage });

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/requests", replace: true });
  },
});

export const requestsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/requests",
  validateSearch: (search: RequestSearch) => search,
  component: RequestsPage,
});

export const requestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/requests/$requestId",
  component: RequestPage,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([indexRoute, requestsRoute, requestRoute]),
  scrollRestoration: true,
  // The address bar holds plain `name=value` pairs that people can read and edit.
  parseSearch,
  stringifySearch: (search) => formatSearch(search as RequestSearch),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
