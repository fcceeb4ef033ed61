import type { Credential } from "../session/session";
import type { Envelope } from "./types";

const NOT_JSON = "the server's answer is not the expected JSON";

/** A refusal or failure of the API; `status` is 0 when the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** A page, and where the next one begins; null behind the last. */
export interface Page<T> {
  data: T;
  cursor: string | null;
}

export interface ApiClient {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** Gets what may not be there. */
  getOrNull<T>(path: string, signal?: AbortSignal): Promise<T | null>;
  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>;
  /** Posts a question whose answer comes in pages. */
  postForPage<T>(path: string, body: unknown, signal?: AbortSignal): Promise<Page<T>>;
  /** Asks for an answer that is read while it comes in: gets it, or posts a body where there is one. */
  open(path: string, options?: { body?: unknown; signal?: AbortSignal }): Promise<Response>;
  /** Makes a call as it is described, and returns whatever is answered, a refusal too. */
  make(path: string, call: { method: string; headers: Record<string, string>; body: string | null }): Promise<Response>;
  /** Posts what is answered with nothing but its success. */
  send(path: string, body: unknown): Promise<void>;
  /** Has something done that answers with nothing but its success. */
  order(path: string): Promise<void>;
  /** Sends a file's text as it is. */
  postText<T>(path: string, text: string): Promise<T>;
  /** Replaces something as a whole. */
  put<T>(path: string, body: unknown): Promise<T>;
  /** Puts something in its place; what the API answers beside its success is of no use. */
  place(path: string, body: unknown): Promise<void>;
  /** Changes something; what the API answers beside its success is of no use. */
  patch(path: string, body: unknown): Promise<void>;
  /** Removes something. */
  delete(path: string): Promise<void>;
}

/** The header by which a page proves that it makes a call, beside the cookie that browsers add by themselves. */
const PROOF_HEADER = "Gatehouse-CSRF";

/** Returns a client that signs every call with a key or as a person, and takes what is wanted out of the answers. */
export function createClient(credential: Credential | null): ApiClient {
  const headers = headersOf(credential);
  const withBody = (method: string, body: unknown): RequestInit => ({
    method,
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return {
    get: async (path, signal) => read(await call(path, { headers, signal: signal ?? null })),
    getOrNull: async (path, signal) => readOrNull(await call(path, { headers, signal: signal ?? null })),
    post: async (path, body, signal) => read(await call(path, { ...withBody("POST", body), signal: signal ?? null })),
    postForPage: async (path, body, signal) => {
      const answer = await call(path, { ...withBody("POST", body), signal: signal ?? null });
      return { data: read(answer), cursor: answer.headers.get(NEXT_CURSOR) };
    },
    open: async (path, { body, signal } = {}) => {
      const response = await reach(path, { ...(body === undefined ? { headers } : withBody("POST", body)), signal: signal ?? null });
      if (!response.ok) await readAnswer(response);
      return response;
    },
    make: (path, { body, ...wanted }) => reach(path, { method: wanted.method, headers: { ...headers, ...wanted.headers }, ...(body === null ? {} : { body }) }),
    send: async (path, body) => void (await call(path, withBody("POST", body))),
    order: async (path) => void (await call(path, withBody("POST", {}))),
    postText: async (path, text) => read(await call(path, { method: "POST", headers: { ...headers, "Content-Type": "text/plain" }, body: text })),
    put: async (path, body) => read(await call(path, withBody("PUT", body))),
    place: async (path, body) => void (await call(path, withBody("PUT", body))),
    patch: async (path, body) => void (await call(path, withBody("PATCH", body))),
    delete: async (path) => void (await call(path, { method: "DELETE", headers })),
  };
}

function headersOf(credential: Credential | null): Record<string, string> {
  if (credential === null) return {};
  return "key" in credential ? { Authorization: `Bearer ${credential.key}` } : { [PROOF_HEADER]: credential.proof };
}

/** The header that says where the next page begins. */
const NEXT_CURSOR = "gatehouse-next-cursor";

interface Answer {
  status: number;
  headers: Headers;
  json: unknown;
}

/** Makes a call and insists on its success. */
async function call(path: string, init: RequestInit): Promise<Answer> {
  return readAnswer(await reach(path, init));
}

async function readAnswer(response: Response): Promise<Answer> {
  const json = await readJson(response);
  const error = isEnvelope(json) ? json.error : null;
  if (!response.ok || error) {
    throw new ApiError(response.status, describeError(error) ?? `the server answered ${response.status}`);
  }
  return { status: response.status, headers: response.headers, json };
}

/** Returns what is in the `{data, error}` envelope, or the whole of an answer that has none. */
function read<T>(answer: Answer): T {
  const data = readOrNull<T>(answer);
  if (data === null) throw new ApiError(answer.status, NOT_JSON);
  return data;
}

function readOrNull<T>({ status, json }: Answer): T | null {
  if (json === null) throw new ApiError(status, NOT_JSON);
  const data = isEnvelope(json) ? json.data : json;
  return (data ?? null) as T | null;
}

function isEnvelope(json: unknown): json is Envelope<unknown> {
  return typeof json === "object" && json !== null && "error" in json;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, cache: "no-store", credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "the server cannot be reached");
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** Errors are text, or an object with a `message` when the refusal comes from a stage before the API. */
function describeError(error: unknown): string | null {
  if (typeof error === "string") return error;
  if (typeof error !== "object" || error === null) return null;
  return "message" in error && typeof error.message === "string" ? error.message : JSON.stringify(error);
}
