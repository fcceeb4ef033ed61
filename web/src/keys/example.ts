import type { Permissions } from "../api/control";
import { firstCall, guessGateway } from "../body/curl";

type Address = Pick<Location, "protocol" | "hostname" | "origin">;

/** Returns a command that can be pasted as it is: what a key of these permissions is for. */
export function exampleFor(permissions: Permissions, key: string, address: Address): { label: string; text: string } {
  if (permissions !== "r") return { label: "first call with this key", text: firstCall(guessGateway(address), key) };
  const lines = [
    `curl ${address.origin}/v1/request/query-clickhouse`,
    `-H "Authorization: Bearer ${key}"`,
    '-H "Content-Type: application/json"',
    `-d '{"filter":"all","limit":10}'`,
  ];
  return { label: "first question with this key", text: lines.join(" \\\n  ") };
}
