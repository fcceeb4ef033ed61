/** The users that calls name. */
import { resolveTimeRange, type TimeRange } from "../time/range";
import type { ApiClient } from "./client";
import type { Bin, Percentile } from "./sessions";
import type { FilterNode } from "./types";

/** What the calls of a user come to. Money in dollars; a sum over nothing known is null. */
export interface UserRow {
  user_id: string;
  /** On how many days (UTC) there were calls. */
  active_for: number;
  first_active: string;
  last_active: string;
  total_requests: number;
  average_requests_per_day_active: number;
  average_tokens_per_request: number | null;
  total_completion_tokens: number | null;
  total_prompt_tokens: number | null;
  cost: number | null;
  /** Of how many calls the cost is not known. */
  cost_unknown: number;
  rate_limited_count: number;
}

export interface UserPage {
  users: UserRow[];
  /** How many there are, beyond offset and limit. */
  count: number;
  /** Whether any call names a user, whatever was asked for. */
  hasUsers: boolean;
}

export const USER_COLUMNS = [
  "user_id",
  "active_for",
  "first_active",
  "last_active",
  "total_requests",
  "average_requests_per_day_active",
  "average_tokens_per_request",
  "total_prompt_tokens",
  "total_completion_tokens",
  "cost",
  "rate_limited_count",
] as const;
export type UserColumn = (typeof USER_COLUMNS)[number];

interface UserQuestion {
  filter: FilterNode;
  time: TimeRange;
  sort: { by: UserColumn; direction: "asc" | "desc" };
  offset: number;
  limit: number;
}

export interface UserOverview {
  request_count: Bin[];
  user_cost: Bin[];
}

export function queryUsers(client: ApiClient, { filter, time, sort, offset, limit }: UserQuestion, signal?: AbortSignal): Promise<UserPage> {
  const { startMs, endMs } = resolveTimeRange(time, Date.now());
  const timeFilter = { startTimeUnixSeconds: Math.floor((startMs ?? 0) / 1000), endTimeUnixSeconds: Math.ceil(endMs / 1000) };
  const body = { filter, offset, limit, timeFilter, timeZoneDifferenceMinutes: new Date().getTimezoneOffset(), sort: { [sort.by]: sort.direction } };
  return client.post("/v1/user/metrics/query", body, signal);
}

/** Tells how users are spread over numbers of calls and costs. */
export function queryUserOverview(client: ApiClient, filter: FilterNode, pSize: Percentile, useInterquartile: boolean, signal?: AbortSignal): Promise<UserOverview> {
  return client.post("/v1/user/metrics-overview/query", { filter, pSize, useInterquartile }, signal);
}
