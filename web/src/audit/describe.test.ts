import { describe, expect, it } from "vitest";
import { describeAction, describeActor } from "./describe";

describe("the audit log", () => {
  it("says what was done", () => {
    expect(describeAction("domain_approved")).toBe("Approved domain");
    expect(describeAction("something_newer")).toBe("something newer");
  });

  it.each([
    [{ type: "key", key_id: "1", key_name: "production", user_id: null, user_email: null }, "production"],
    [{ type: "key", key_id: null, key_name: null, user_id: null, user_email: null }, "An administrator"],
    [{ type: "user", key_id: null, key_name: null, user_id: "1", user_email: "ada@example.com" }, "ada@example.com"],
    [{ type: "command_line", key_id: null, key_name: null, user_id: null, user_email: null }, "Command line"],
    [{ type: "server", key_id: null, key_name: null, user_id: null, user_email: null }, "The server"],
  ])("says who did it: %j", (actor, text) => expect(describeActor(actor)).toBe(text));
});
