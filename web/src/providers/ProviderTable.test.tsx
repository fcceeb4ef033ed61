import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Provider } from "../api/types";
import { ProviderTable } from "./ProviderTable";

const provider: Provider = {
  name: "ACME",
  title: "Acme",
  hosts: ["llm.acme.example", "*.acme.example"],
  dialect: "openai",
  cost: true,
  auth: "x-api-key",
  label: "acme",
  docs: "https://acme.example/docs",
  is_configured: false,
};

const shown = (change: Partial<Provider>) => renderToStaticMarkup(<ProviderTable providers={[{ ...provider, ...change }]} />);

describe("ProviderTable", () => {
  it("shows how a provider is called and reached", () => {
    const markup = shown({});
    for (const text of ["Acme", "ACME", "llm.acme.example", "*.acme.example", ">acme<", "OpenAI", "x-api-key", 'href="https://acme.example/docs"']) expect(markup).toContain(text);
    expect(markup).not.toContain("configured");
  });

  it("sets the user's own apart, and links to no documentation that is not known", () => {
    const markup = shown({ is_configured: true, docs: null, label: null });
    expect(markup).toContain("configured");
    expect(markup).not.toContain("<a ");
    expect(markup).not.toContain("your gateway");
  });
});
