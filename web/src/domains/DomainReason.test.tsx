import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Domain } from "../api/types";
import { DomainFacts } from "./DomainFacts";
import { DomainReason } from "./DomainReason";

const domain: Domain = {
  id: "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20",
  domain: "llm.example.com",
  kind: "company",
  company: "Example Ltd",
  status: "pending",
  approved_by: null,
  reason: "no TXT record `hconeai-verification=true` was found",
  created_at: "2026-11-22T14:06:00.123Z",
  updated_at: "2026-11-22T14:06:00.123Z",
  checked_at: null,
  record: { name: "llm.example.com", type: "TXT", value: "hconeai-verification=true" },
  limits: { requests_per_day: 10_000, requests_per_second: 1, mode: "limited" },
};

describe("DomainReason", () => {
  it("says why, and stands out as the answer to a look-up", () => {
    const plain = renderToStaticMarkup(<DomainReason domain={domain} />);
    expect(plain).toContain("No TXT record <code");
    expect(plain).not.toContain("bg-warn-wash");
    expect(renderToStaticMarkup(<DomainReason domain={domain} isAnswer />)).toContain("bg-warn-wash");
    expect(renderToStaticMarkup(<DomainReason domain={{ ...domain, status: "approved" }} isAnswer />)).toContain("bg-accent-wash");
    expect(renderToStaticMarkup(<DomainReason domain={{ ...domain, reason: null }} />)).toBe("");
    expect(renderToStaticMarkup(<DomainReason domain={{ ...domain, status: "approved", approved_by: "administrator" }} />)).toBe("");
  });
});

describe("DomainFacts", () => {
  it("names the company, or says that it is one's own, and whose it is among others", () => {
    expect(renderToStaticMarkup(<DomainFacts domain={domain} />)).toContain("Company: Example Ltd");
    expect(renderToStaticMarkup(<DomainFacts domain={{ ...domain, kind: "personal", company: null }} />)).toContain("Own deployment");
    expect(renderToStaticMarkup(<DomainFacts domain={domain} organization="Research" />)).toContain("Research");
  });
});
