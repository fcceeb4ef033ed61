/** Policies as `Helicone-RateLimit-Policy` writes them: `1000;w=3600;u=cents;s=user`. */
import { formatUsd } from "../format/money";

export const UNITS = ["request", "cents", "tokens"] as const;
export type Unit = (typeof UNITS)[number];

/** Whose calls are counted together: everybody's, each user's, or those with the same value of a property. */
export type Segment = { kind: "all" } | { kind: "user" } | { kind: "property"; name: string };

export interface Policy {
  quota: number;
  windowSeconds: number;
  unit: Unit;
  segment: Segment;
}

export const MIN_WINDOW_SECONDS = 60;
export const MAX_WINDOW_SECONDS = 365 * 24 * 3600;
export const MAX_QUOTA = 100_000_000_000;

const PROPERTY_NAME = /^[A-Za-z0-9_-]{1,128}$/;

/** Writes a policy; what is not said in it is `request` and everybody. */
export function policyText({ quota, windowSeconds, unit, segment }: Policy): string {
  const parts = [`${quota}`, `w=${windowSeconds}`];
  if (unit !== "request") parts.push(`u=${unit}`);
  if (segment.kind !== "all") parts.push(`s=${segment.kind === "user" ? "user" : segment.name.toLowerCase()}`);
  return parts.join(";");
}

/** Reads one policy as the API tells it; null when it is none that is known here. */
export function readPolicy(text: string): Policy | null {
  const [quota, ...parameters] = text.split(";").map((part) => part.trim());
  const named = new Map(parameters.map((parameter) => parameter.split("=", 2) as [string, string | undefined]));
  const unit = UNITS.find((known) => known === (named.get("u") ?? "request"));
  const policy = { quota: Number(quota), windowSeconds: Number(named.get("w")) };
  if (!unit || !Number.isInteger(policy.quota) || !Number.isInteger(policy.windowSeconds)) return null;
  return { ...policy, unit, segment: readSegment(named.get("s")) };
}

function readSegment(text: string | undefined): Segment {
  if (text === undefined) return { kind: "all" };
  return text === "user" ? { kind: "user" } : { kind: "property", name: text };
}

/** Says what is wrong with a policy, by field; empty when it may be sent. */
export function policyProblems({ quota, windowSeconds, segment }: Policy): { quota?: string; window?: string; property?: string } {
  return {
    ...(!(Number.isInteger(quota) && quota >= 1 && quota <= MAX_QUOTA) && { quota: "a whole number from 1" }),
    ...(!(Number.isInteger(windowSeconds) && windowSeconds >= MIN_WINDOW_SECONDS && windowSeconds <= MAX_WINDOW_SECONDS) && {
      window: "a minute to 365 days",
    }),
    ...(segment.kind === "property" && !isProperty(segment.name) && { property: "letters, digits, - and _, but not user" }),
  };
}

function isProperty(name: string): boolean {
  return PROPERTY_NAME.test(name) && name.toLowerCase() !== "user";
}

/** Says in words what a policy allows: "1,000 calls an hour for each user". */
export function describePolicy({ quota, windowSeconds, unit, segment }: Policy): string {
  return [describeAmount(quota, unit), describeWindow(windowSeconds), describeSegment(segment)].filter(Boolean).join(" ");
}

function describeAmount(quota: number, unit: Unit): string {
  if (unit === "cents") return formatUsd(quota / 100);
  const noun = unit === "request" ? "call" : "token";
  return `${quota.toLocaleString("en-US")} ${noun}${quota === 1 ? "" : "s"}`;
}

const SPANS = [
  { seconds: 86_400, one: "a day", many: "days" },
  { seconds: 3600, one: "an hour", many: "hours" },
  { seconds: 60, one: "a minute", many: "minutes" },
  { seconds: 1, one: "a second", many: "seconds" },
] as const;

/** Says over which time an amount is counted: "an hour", "in 90 seconds". */
export function describeWindow(seconds: number): string {
  const span = SPANS.find((known) => seconds % known.seconds === 0) ?? SPANS[3];
  const count = seconds / span.seconds;
  return count === 1 ? span.one : `in ${count.toLocaleString("en-US")} ${span.many}`;
}

function describeSegment(segment: Segment): string {
  if (segment.kind === "all") return "";
  return segment.kind === "user" ? "for each user" : `for each value of ${segment.name}`;
}
