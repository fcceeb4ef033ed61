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

const CELL = "px-2 py-1.5 first:pl-3 sm:px-3 sm:first:pl-4 sm:last:pr-4";
const LINE = `${CELL} whitespace-nowrap`;

export const COLUMN_CLASSES: Record<ColumnName, string> = {
  // On a narrow screen an older day stands above the clock.
  time: `${CELL} tabular-nums sm:whitespace-nowrap`,
  status: LINE,
  model: `${LINE} max-w-26 truncate sm:max-w-44 lg:max-w-56 xl:max-w-64`,
  provider: `${LINE} hidden lg:table-cell`,
  latency: `${LINE} text-right`,
  firstToken: `${LINE} hidden text-right lg:table-cell`,
  tokens: `${LINE} hidden text-right md:table-cell`,
  cost: `${LINE} hidden text-right min-[480px]:table-cell`,
  user: `${LINE} hidden max-w-40 truncate xl:table-cell`,
  properties: `${LINE} hidden w-full max-w-0 xl:table-cell`,
};
