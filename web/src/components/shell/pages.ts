/** The pages, as the navigation lists them. */
import type { IconName } from "../Icon";

export interface PageLink {
  to: string;
  text: string;
  icon: IconName;
  /** The key that leads there after `g`. */
  key: string;
}

export interface PageGroup {
  title: string;
  pages: readonly PageLink[];
}

export const PAGE_GROUPS: readonly PageGroup[] = [
  {
    title: "Observe",
    pages: [
      { to: "/dashboard", text: "Dashboard", icon: "dashboard", key: "d" },
      { to: "/requests", text: "Requests", icon: "list", key: "r" },
      { to: "/sessions", text: "Sessions", icon: "tree", key: "s" },
      { to: "/users", text: "Users", icon: "users", key: "u" },
      { to: "/properties", text: "Properties", icon: "tag", key: "p" },
      { to: "/feedback", text: "Feedback", icon: "thumb", key: "f" },
    ],
  },
  {
    title: "Costs",
    pages: [
      { to: "/costs", text: "Costs", icon: "coins", key: "c" },
      { to: "/cache", text: "Cache", icon: "layers", key: "h" },
      { to: "/limits", text: "Rate limits", icon: "gauge", key: "l" },
    ],
  },
  {
    title: "Explore",
    pages: [
      { to: "/sql", text: "SQL", icon: "terminal", key: "q" },
      { to: "/docs", text: "API", icon: "list", key: "i" },
    ],
  },
  {
    title: "Configure",
    pages: [
      { to: "/providers", text: "Providers and domains", icon: "globe", key: "o" },
      { to: "/vault", text: "Vault", icon: "lock", key: "v" },
      { to: "/keys", text: "API keys", icon: "key", key: "k" },
      { to: "/mappers", text: "Mappers", icon: "map", key: "m" },
      { to: "/webhooks", text: "Webhooks", icon: "hook", key: "w" },
      { to: "/audit", text: "Audit", icon: "history", key: "a" },
      { to: "/settings", text: "Settings", icon: "gear", key: "t" },
      { to: "/members", text: "Members", icon: "person", key: "e" },
    ],
  },
];
