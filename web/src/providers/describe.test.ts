import { describe, expect, it } from "vitest";
import type { Provider } from "../api/types";
import { describeCredential, describeDialect, findProviders } from "./describe";

const openai: Provider = {
  name: "OPENAI",
  title: "OpenAI",
  hosts: ["api.openai.com"],
  dialect: "openai",
  cost: true,
  auth: "bearer",
  label: "oai",
  docs: "https://platform.openai.com/docs",
  is_configured: false,
};
const together: Provider = { ...openai, name: "TOGETHER", title: "Together AI", hosts: ["api.together.xyz"], label: "together" };
const claude: Provider = { ...openai, name: "ANTHROPIC", title: "Anthropic", hosts: ["api.anthropic.com"], label: null, dialect: "anthropic", auth: "x-api-key" };

describe("findProviders", () => {
  it.each([
    ["", ["OPENAI", "TOGETHER", "ANTHROPIC"]],
    ["together.xyz", ["TOGETHER"]],
    ["OAI", ["OPENAI"]],
    ["  x-api-key ", ["ANTHROPIC"]],
    ["openai together", ["TOGETHER"]],
    ["nobody", []],
  ])("finds %j", (text, names) => {
    expect(findProviders([openai, together, claude], text).map(({ name }) => name)).toEqual(names);
  });
});

describe("names", () => {
  it("are shown as they are when they are not known here", () => {
    expect([describeDialect("openai"), describeDialect("newer")]).toEqual(["OpenAI", "newer"]);
    expect([describeCredential("sigv4"), describeCredential("x-newer")]).toEqual(["AWS Signature Version 4", "x-newer"]);
  });
});
