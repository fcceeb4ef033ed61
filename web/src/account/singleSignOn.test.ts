import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { explainProblem, startAddress } from "./singleSignOn";

const PROVIDER = { name: "Keycloak", url: "https://gate.example/v1/account/oidc/start" };

test("every reason that the server has is said in words, and any other in general ones", () => {
  const source = readFileSync(new URL("../../../crates/api/src/account/oidc/refusal.rs", import.meta.url), "utf8");
  const codes = [...source.matchAll(/=> "([a-z_]+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  const general = explainProblem("/sign-in", "something else");
  expect(general).toBe("You could not be signed in. Try again.");
  expect(codes.filter((code) => explainProblem("/sign-in", code) === general)).toEqual([]);
  for (const odd of ["", "toString", "<b>", ["denied"], 7, null]) expect(explainProblem("/sign-in", odd)).toBe(general);
});

test("nothing is said elsewhere, or without a reason", () => {
  expect(explainProblem("/requests", "denied")).toBeNull();
  expect(explainProblem("/sign-in", undefined)).toBeNull();
});

test("a browser goes on where it was, but not at the sign-in page", () => {
  expect(startAddress(PROVIDER, "/requests?model=a%20b&x=1")).toBe(`${PROVIDER.url}?next=%2Frequests%3Fmodel%3Da%2520b%26x%3D1`);
  for (const path of ["/", "/sign-in", "/sign-in?problem=denied"]) expect(startAddress(PROVIDER, path)).toBe(PROVIDER.url);
});
