import type { RequestPart } from "../api/types";

export type Tone = "good" | "warn" | "bad" | "idle";

export interface StatusLabel {
  tone: Tone;
  /** Short text for a row. */
  text: string;
  /** A sentence for titles and screen readers. */
  meaning: string;
}

type Ended = RequestPart<"response_status" | "outcome">;

const CANCELLED = -3;
const TIMED_OUT = -2;
const THREAT = -4;

/** Says how a request ended, from its status and its outcome: a 200 that was cut is not a success. */
export function statusOf({ response_status: status, outcome }: Ended): StatusLabel {
  if (outcome === "client_gone" || status === CANCELLED) {
    return { tone: "warn", text: "Cancelled", meaning: "The client went away before the end" };
  }
  if (outcome === "timed_out" || status === TIMED_OUT) {
    return { tone: "bad", text: "Timed out", meaning: "A deadline passed before the end" };
  }
  if (status === THREAT) return { tone: "warn", text: "Threat", meaning: "A guard refused the call" };
  if (outcome === "upstream_cut") {
    return { tone: "bad", text: `${httpStatus(status)} cut`, meaning: "The provider cut the response before its end" };
  }
  if (outcome === "refused") {
    return { tone: toneOf(status), text: `${httpStatus(status)} refused`, meaning: "Gatehouse refused the call" };
  }
  if (outcome === "failed") {
    return { tone: "bad", text: `${httpStatus(status)} failed`, meaning: "The provider could not be reached" };
  }
  return { tone: toneOf(status), text: httpStatus(status), meaning: meaningOf(status) };
}

function httpStatus(status: number | null | undefined): string {
  return typeof status === "number" && status !== 0 ? String(status) : "—";
}

function toneOf(status: number | null | undefined): Tone {
  if (typeof status !== "number" || status === 0) return "idle";
  if (status >= 200 && status < 400) return "good";
  return status >= 400 && status < 500 ? "warn" : "bad";
}

function meaningOf(status: number | null | undefined): string {
  const meanings: Record<Tone, string> = {
    good: "Success",
    warn: "The provider refused the call",
    bad: "The provider failed",
    idle: "No status is known",
  };
  return meanings[toneOf(status)];
}
