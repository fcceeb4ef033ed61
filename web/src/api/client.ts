import type { Envelope } from "./types";

/** A refusal or failure of the API; `status` is 0 when the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

export interface ApiClient {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>;
}

/** Returns a client that signs every call with `key` and unwraps the `{data, error}` envelope. */
export function createClient(key: string): ApiClient {
  const authorization = { Authorization: `Bearer ${key}` };
  return {
    get: (path, signal) => call(path, { headers: authorization, signal: signal ?? null }),
    post: (path, body, signal) =>
      call(path, {
        method: "POST",
        headers: { ...authorization, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: signal ?? null,
      }),
  };
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const response = await reach(path, init);
  const envelope = await readEnvelope<T>(response);
  if (!response.ok || envelope?.error) {
    throw new ApiError(response.status, describeError(envelope?.error) ?? `the server answered ${response.status}`);
  }
  if (envelope === null || envelope.data === null || envelope.data === undefined) {
    throw new ApiError(response.status, "the server's answer is not the expected JSON");
  }
  return envelope.data;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "the server cannot be reached");
  }
}

async function readEnvelope<T>(response: Response): Promise<Envelope<T> | null> {
  try {
    return (await response.json()) as Envelope<T>;
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
