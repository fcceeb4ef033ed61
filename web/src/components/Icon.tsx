const PATHS = {
  sun: "M12 4V2m0 20v-2m8-8h2M2 12h2m13.7-5.7 1.4-1.4M4.9 19.1l1.4-1.4m0-11.4L4.9 4.9m14.2 14.2-1.4-1.4M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  display: "M3 5h18v11H3zM9 20h6m-3-4v4",
  back: "M15 5l-7 7 7 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6 6 18",
  filter: "M4 6h16M7 12h10M10 18h4",
  plus: "M12 5v14M5 12h14",
  link: "M10 5H5v14h14v-5M14 4h6v6m0-6-9 9",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
  clock: "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  chevron: "M7 10l5 5 5-5",
  menu: "M4 7h16M4 12h16M4 17h16",
  collapse: "M4 5h16v14H4zM9 5v14M16 10l-2 2 2 2",
  dashboard: "M4 13h6V4H4zM14 20h6V11h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  tree: "M5 4v14h6M5 10h6M14 8h6v4h-6zM14 16h6v4h-6z",
  users: "M15 19c0-3-2.5-5-6-5s-6 2-6 5m12-11a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0Zm2 6.5c2.4.4 4 2 4 4.5M15.5 5a3.5 3.5 0 0 1 0 6",
  tag: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
  thumb: "M7 11v9H4v-9zM7 11l4-7c1.7 0 2.5 1.2 2.2 2.8L12.7 10H18c1.4 0 2.3 1.1 2 2.5l-1.2 6c-.2.9-1 1.5-2 1.5H7",
  thumbDown: "M17 13V4h3v9zM17 13l-4 7c-1.7 0-2.5-1.2-2.2-2.8l.5-3.2H6c-1.4 0-2.3-1.1-2-2.5l1.2-6C5.4 4.6 6.2 4 7.2 4H17",
  coins: "M12 4v16M16 7.5c-.7-1.5-2.2-2-4-2-2.300 0-4 1-4 3s1.700 2.700 4 3.200c2.5.5 4.300 1.2 4.300 3.400 0 2-1.800 3.200-4.300 3.200-2.2 0-3.900-.8-4.5-2.5",
  layers: "M12 4 3 9l9 5 9-5zM4 14l8 4.5L20 14",
  gauge: "M4 18a9 9 0 1 1 16 0M12 15l4-5",
  terminal: "M4 6l6 6-6 6M12 18h8",
  globe: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9s.5-6 3.5-9Z",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  key: "M14 10a4 4 0 1 1-4-4 4 4 0 0 1 4 4Zm-1 3 7 7m-3-3 2-2",
  map: "M4 7h6m4 0h6M10 4v6h4V4zM7 17h6m4 0h3M13 14v6h4v-6zM4 17h3",
  hook: "M9 10a4 4 0 1 1 5 3.5L16 18M8 14a4 4 0 1 0 4 4h6",
  history: "M4 5v5h5M4.5 10A8 8 0 1 1 4 13M12 8v5l3 2",
  gear: "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM12 3v3m0 12v3M3 12h3m12 0h3M5.6 5.6l2.2 2.2m8.4 8.4 2.2 2.2M5.6 18.4l2.2-2.2m8.4-8.4 2.2-2.2",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 8c.5-4 3.5-6 8-6s7.5 2 8 6",
  keyboard: "M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M18 11h.01M8 14.5h8",
  search: "M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0Zm-1.5 4.5L20 20",
  columns: "M4 5h16v14H4zM9.5 5v14M14.5 5v14",
  download: "M12 4v11m-4-4 4 4 4-4M5 20h14",
  up: "M12 19V5m-6 6 6-6 6 6",
  down: "M12 5v14m-6-6 6 6 6-6",
  previous: "M7 14l5-5 5 5",
  trash: "M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  bookmark: "M7 4h10v16l-5-4-5 4z",
  expand: "M14 5h5v5M10 19H5v-5M19 5l-6 6M5 19l6-6",
  replay: "M4 5v5h5M4.5 10A8 8 0 1 1 4 13",
  warning: "M12 4 2.5 20h19zM12 10v5m0 2.5h.01",
  exit: "M14 4h5v16h-5M4 12h11m-4-4 4 4-4 4",
} as const;

export type IconName = keyof typeof PATHS;

interface IconProps {
  name: IconName;
}

/** A decorative line icon; the control around it carries the name. */
export function Icon({ name }: IconProps) {
  return (
    <svg viewBox="0 0 24 24" className="size-4 shrink-0" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
