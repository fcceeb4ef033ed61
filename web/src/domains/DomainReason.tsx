import type { Domain } from "../api/types";
import { Prose } from "../components/Prose";

interface DomainReasonProps {
  domain: Domain;
  /** Whether it answers a look-up that was just asked for. */
  isAnswer?: boolean;
}

/** Why a domain stands where it does: what a look-up found, or what an administrator said. */
export function DomainReason({ domain, isAnswer = false }: DomainReasonProps) {
  // That an administrator approved it is its standing already.
  if (domain.reason === null || domain.approved_by === "administrator") return null;
  const answer = domain.status === "approved" ? "bg-accent-wash text-accent" : "bg-warn-wash text-warn";
  return (
    <p className={`text-[0.8125rem] ${isAnswer ? `mt-1 rounded-md px-3 py-2 ${answer}` : "text-ink-soft"}`}>
      <Prose text={domain.reason} />
    </p>
  );
}
