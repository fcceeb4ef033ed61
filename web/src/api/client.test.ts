import { afterEach, describe, expect, it, vi } from "vitest";
import { createClient } from "./client";

const client = createClient({ key: "sk-helicone-x" });

/** Lets the next calls be answered like this, and returns them. */
function answer(status: number, body: string) {
  const fetched = vi.fn<typeof fetch>(async () => new Response(body, { status }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => vi.unstubAllGlobals());

describe("the client", () => {
  it("takes data out of its envelope, and an answer without one whole", async () => {
    answer(200, '{"data":[1,2],"error":null}');
    await expect(client.get("/v1/x")).resolves.toEqual([1, 2]);
    answer(200, '{"id":"1","apiKey":"k"}');
    await expect(client.post("/v1/x", {})).resolves.toEqual({ id: "1", apiKey: "k" });
    answer(200, '{"data":null,"error":null}');
    await expect(client.delete("/v1/x")).resolves.toBeUndefined();
    await expect(client.send("/v1/x", {})).resolves.toBeUndefined();
    await expect(client.getOrNull("/v1/x")).resolves.toBeNull();
    answer(200, "<html>");
    await expect(client.getOrNull("/v1/x")).rejects.toMatchObject({ status: 200 });
  });

  it("sends key, method and body", async () => {
    const fetched = answer(200, '{"hashedKey":"00"}');
    await client.patch("/v1/x", { a: 1 });
    expect(fetched.mock.calls[0]).toMatchObject(["/v1/x", { method: "PATCH", body: '{"a":1}', headers: { Authorization: "Bearer sk-helicone-x" } }]);
  });

  it("proves as a person that a page makes the call, and sends the cookie", async () => {
    const fetched = answer(200, '{"data":1,"error":null}');
    await createClient({ proof: "abc" }).post("/v1/x", {});
    expect(fetched.mock.calls[0]).toMatchObject(["/v1/x", { credentials: "same-origin", headers: { "Gatehouse-CSRF": "abc" } }]);
    expect(fetched.mock.calls[0]?.[1]?.headers).not.toHaveProperty("Authorization");
  });

  it.each([
    [409, '{"data":null,"error":{"message":"there already","type":"t","code":"already_exists"}}', "there already"],
    [400, '{"data":null,"error":"plain text"}', "plain text"],
    [502, "<html>", "the server answered 502"],
    [200, "<html>", "the server's answer is not the expected JSON"],
    [200, '{"data":null,"error":null}', "the server's answer is not the expected JSON"],
  ])("turns a %i with %j into an error", async (status, body, message) => {
    answer(status, body);
    await expect(client.get("/v1/x")).rejects.toMatchObject({ name: "ApiError", status, message });
  });

  it("says when there is no answer at all", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("failed to fetch");
    });
    await expect(client.delete("/v1/x")).rejects.toMatchObject({ status: 0, message: "the server cannot be reached" });
  });
});
