/**
 * The shapes the dashboard reads from and sends to the REST API.
 * Rows come from the generated `schema.d.ts` (`npm run generate`); the filter language is free JSON there and typed here.
 */
import type { components } from "./schema";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type RequestSchema = components["schemas"]["HeliconeRequest"];

/** One logged call. Unknown is null, never zero. */
export type HeliconeRequest = Omit<RequestSchema, "request_body" | "response_body"> & {
  request_body: Json;
  response_body: Json;
};

export type Replayed = components["schemas"]["Replayed"];
export type PromptInputs = components["schemas"]["PromptInputs"];
export type CacheStats = components["schemas"]["CacheStats"];
export type ApiKey = components["schemas"]["ApiKey"];
export type CreatedApiKey = components["schemas"]["CreatedApiKey"];
export type Domain = components["schemas"]["Domain"];
export type OrganizationDomain = components["schemas"]["OrganizationDomain"];
export type HostRule = components["schemas"]["HostRule"];
export type RateLimit = components["schemas"]["RateLimit"];
export type ProviderKey = components["schemas"]["ProviderKey"];
export type ProxyKey = components["schemas"]["ProxyKey"];
export type CreatedProxyKey = components["schemas"]["CreatedProxyKey"];
export type Webhook = components["schemas"]["Webhook"];
export type DeadLetter = components["schemas"]["DeadLetter"];
export type WebhookAttempt = components["schemas"]["WebhookAttempt"];
export type Provider = components["schemas"]["Provider"];
export type AuditEntry = components["schemas"]["AuditEntry"];
export type CostSummary = components["schemas"]["CostSummary"];
export type CostGroup = components["schemas"]["CostGroup"];
export type CostSum = components["schemas"]["CostSum"];
export type CostDerivation = components["schemas"]["CostDerivation"];
export type PriceOverride = components["schemas"]["PriceOverride"];
export type SetPrice = components["schemas"]["SetPrice"];
export type Repricing = components["schemas"]["Repricing"];
export type Reconciliation = components["schemas"]["Reconciliation"];
export type ReconciledPlace = components["schemas"]["ReconciledPlace"];
export type Mapper = components["schemas"]["Mapper"];
export type MapperDetail = components["schemas"]["MapperDetail"];
export type MapperField = components["schemas"]["MapperField"];
export type MapperCandidate = components["schemas"]["MapperCandidate"];
export type MapperVersion = components["schemas"]["MapperVersion"];
export type MappingChoice = components["schemas"]["MappingChoice"];
export type Account = components["schemas"]["Account"];
export type SignInOptions = components["schemas"]["SignInOptions"];
export type SingleSignOn = components["schemas"]["SingleSignOn"];
export type BrowserSession = components["schemas"]["BrowserSession"];
export type Member = components["schemas"]["Member"];
export type Invitation = components["schemas"]["Invitation"];
export type CreatedInvitation = components["schemas"]["CreatedInvitation"];
export type OpenInvitation = components["schemas"]["OpenInvitation"];
/** What somebody may do in an organisation. */
export type Role = "viewer" | "member" | "admin" | "owner";
/** The organisation and the key or the person of whoever is signed in. */
export type Caller = components["schemas"]["CallerOrganization"];

/** Some facts of a request, each of which may be missing. */
export type RequestPart<Field extends keyof HeliconeRequest> = {
  [Name in Field]?: HeliconeRequest[Name] | null | undefined;
};

/** How one column compares: `{equals: "gpt-4o"}`; columns that are maps have one more level, for the key. */
export type FilterTest = { [operator: string]: string | number | boolean };
export type FilterColumns = { [column: string]: FilterTest | { [key: string]: FilterTest } };
export type FilterLeaf = { [table: string]: FilterColumns };
export type FilterBranch = { left: FilterNode; operator: "and" | "or"; right: FilterNode };

/** The filter of the API. */
export type FilterNode = "all" | FilterBranch | FilterLeaf;

export interface RequestQuery {
  filter: FilterNode;
  offset?: number;
  limit?: number;
  sort?: { [column: string]: "asc" | "desc" | { [key: string]: "asc" | "desc" } };
  /** Where the page before ended; excludes `offset`. */
  cursor?: string;
}

/** Every answer of the API: exactly one of the two is set. */
export interface Envelope<T> {
  data: T | null;
  error: components["schemas"]["ErrorDetail"] | string | null;
}
