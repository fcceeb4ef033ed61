/** Sessions: calls that carry the same session id. */
import { resolveTimeRange, type TimeRange } from "../time/range";
import type { ApiClient } from "./client";
import type { FilterNode } from "./types";

/** A session as lists show it. Money in dollars, durations in ms; a sum over nothing known is null. */
export interface SessionRow {
  session_id: string;
  session_name: string;
  created_at: string;
  latest_request_created_at: string;
  total_cost: number | null;
  /** Of how many calls the cost is not known. */
  cost_unknown: number;
  total_requests: number;
  errors: number;
  total_tokens: number | null;
  avg_latency: number;
  duration: number;
  user_ids: string[];
  tag: string | null;
}

/** What all sessions of a question come to. */
export interface SessionCount {
  count: number;
}

/** Sessions that share a name; those without one have an empty one. */
export interface SessionName {
  name: string;
  last_used: string;
  session_count: number;
  avg_latency: number;
}

/** A bar of a histogram. */
export interface Bin {
  range_start: number;
  range_end: number;
  value: number;
}

/** How sessions are spread; durations in seconds. */
export interface SessionMetrics {
  session_count: Bin[];
  session_duration: Bin[];
  session_cost: Bin[];
  average: Record<"session_count" | "session_duration" | "session_cost", { average: number }[]>;
}

export const PERCENTILES = ["p50", "p75", "p95", "p99", "p99.9"] as const;
/** Up to which share of the values a histogram goes. */
export type Percentile = (typeof PERCENTILES)[number];

/** By what sessions can be sorted. */
export const SESSION_COLUMNS = ["created_at", "latest_request_created_at", "total_cost", "total_requests", "errors", "total_tokens", "avg_latency", "duration"] as const;
export type SessionColumn = (typeof SESSION_COLUMNS)[number];

export interface SessionQuestion {
  /** A part of a session's id or name. */
  search: string;
  /** The name, where only sessions of one are wanted. */
  name: string | null;
  filter: FilterNode;
  time: TimeRange;
}

interface SessionPage {
  sort: { by: SessionColumn; direction: "asc" | "desc" };
  offset: number;
  limit: number;
}

export function querySessions(client: ApiClient, question: SessionQuestion, { sort, offset, limit }: SessionPage, signal?: AbortSignal): Promise<SessionRow[]> {
  return client.post("/v1/session/query", { ...bodyOf(question), sort: { [sort.by]: sort.direction }, offset, limit }, signal);
}

export function countSessions(client: ApiClient, question: SessionQuestion, signal?: AbortSignal): Promise<SessionCount> {
  return client.post("/v1/session/count", bodyOf(question), signal);
}

export function querySessionNames(client: ApiClient, question: Omit<SessionQuestion, "name">, signal?: AbortSignal): Promise<SessionName[]> {
  return client.post("/v1/session/name/query", nameBodyOf(question), signal);
}

export function querySessionMetrics(client: ApiClient, question: Omit<SessionQuestion, "name">, pSize: Percentile, useInterquartile: boolean, signal?: AbortSignal): Promise<SessionMetrics> {
  return client.post("/v1/session/metrics/query", { ...nameBodyOf(question), pSize, useInterquartile }, signal);
}

/** Says whether a session went well. */
export function rateSession(client: ApiClient, sessionId: string, rating: boolean): Promise<void> {
  return client.send(`${sessionAt(sessionId)}/feedback`, { rating });
}

/** Returns the tag of a session; null when it has none. */
export function getSessionTag(client: ApiClient, sessionId: string, signal?: AbortSignal): Promise<string | null> {
  return client.getOrNull(`${sessionAt(sessionId)}/tag`, signal);
}

/** Gives a session a tag; an empty one takes it away. */
export function tagSession(client: ApiClient, sessionId: string, tag: string): Promise<void> {
  return client.send(`${sessionAt(sessionId)}/tag`, { tag });
}

function sessionAt(sessionId: string): string {
  return `/v1/session/${encodeURIComponent(sessionId)}`;
}

function bodyOf({ search, name, filter, time }: SessionQuestion): object {
  return { search, filter, ...(name !== null && { nameEquals: name }), ...timeOf(time) };
}

function nameBodyOf({ search, filter, time }: Omit<SessionQuestion, "name">): object {
  return { nameContains: search, filter, ...timeOf(time) };
}

function timeOf(time: TimeRange): object {
  const { startMs, endMs } = resolveTimeRange(time, Date.now());
  return { timeFilter: { startTimeUnixMs: Math.floor(startMs ?? 0), endTimeUnixMs: Math.ceil(endMs) }, timezoneDifference: new Date().getTimezoneOffset() };
}
