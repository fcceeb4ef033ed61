import type { DomainStatus } from "../api/control";
import type { Domain } from "../api/types";
import type { Tone } from "../format/status";

type Standing = Pick<Domain, "status" | "approved_by">;

const STATUSES: Record<DomainStatus, { text: string; tone: Tone }> = {
  pending: { text: "Pending", tone: "warn" },
  approved: { text: "Approved", tone: "good" },
  rejected: { text: "Rejected", tone: "bad" },
  withdrawn: { text: "Withdrawn", tone: "bad" },
};

const APPROVERS: Record<string, string> = {
  record: "Approved by its TXT record",
  administrator: "Approved by an administrator",
};

/** Says where a domain stands, in a few words. */
export function describeStanding({ status, approved_by }: Standing): { text: string; tone: Tone } {
  const known = STATUSES[status as DomainStatus] ?? { text: status, tone: "idle" as const };
  return { ...known, text: (approved_by && APPROVERS[approved_by]) ?? known.text };
}

/** Says whether looking for the record can change anything: an administrator's decision outweighs it. */
export function isDecidedByRecord({ status, approved_by }: Standing): boolean {
  return status !== "rejected" && approved_by !== "administrator";
}

/** Says what calls to a domain have to expect while it is not approved. */
export function describeLimits(limits: Domain["limits"]): string {
  const { mode, requests_per_day: day, requests_per_second: second } = limits;
  if (mode === "open") return "This gateway lets calls to every host pass, so that approval changes nothing.";
  if (mode === "closed") return "This gateway refuses calls to a domain until it is approved.";
  return `Until a domain is approved, your organisation may make ${calls(second)} a second and ${calls(day)} a day to it; further ones are refused with 429.`;
}

function calls(count: number): string {
  return count === 1 ? "1 call" : `${count.toLocaleString("en-US")} calls`;
}

/** Says what removing a domain does. */
export function describeRemoval({ status }: Standing, { mode }: Domain["limits"]): string {
  if (status !== "approved" || mode === "open") return "Nothing changes for calls to it. You can add it again at any time.";
  const loss = mode === "closed" ? "refused" : "limited again";
  return `Calls to it are ${loss} at once. You can add it again, and it then needs a new approval.`;
}
