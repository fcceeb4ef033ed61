/** The columns of the request table; narrow screens keep the first, the rest stands on the request's page. */
export const COLUMNS = [
  { name: "time", heading: "Time" },
  { name: "status", heading: "Status" },
  { name: "model", heading: "Model" },
  { name: "provider", heading: "Provider" },
  { name: "latency", heading: "Latency" },
  { name: "firstToken", heading: "First token", title: "Time from the start of the call to the first token of the response" },
  { name: "tokens", heading: "Tokens in / out" },
  { name: "cost", heading: "Cost" },
  { name: "user", heading: "User" },
  { name: "properties", heading: "Properties" },
] as const;

export type ColumnName = (typeof COLUMNS)[number]["name"];

const CELL = "px-2 py-1.5 first:pl-3 last:pr-3 sm:px-3 sm:first:pl-4 sm:last:pr-4 whitespace-nowrap";

export const COLUMN_CLASSES: Record<ColumnName, string> = {
  time: `${CELL} tabular-nums text-ink-soft`,
  status: CELL,
  model: `${CELL} max-w-30 truncate font-medium sm:max-w-64`,
  provider: `${CELL} hidden text-ink-soft lg:table-cell`,
  latency: `${CELL} text-right`,
  firstToken: `${CELL} hidden text-right md:table-cell`,
  tokens: `${CELL} hidden text-right sm:table-cell`,
  cost: `${CELL} hidden text-right min-[480px]:table-cell`,
  user: `${CELL} hidden max-w-48 truncate text-ink-soft xl:table-cell`,
  properties: `${CELL} hidden w-full max-w-0 xl:table-cell`,
};
