import { describe, expect, it } from "vitest";
import { countFilters, formatSearch, parseProperty, parseSearch, type RequestSearch } from "./search";

const full: RequestSearch = {
  status: "errors",
  cache: "miss",
  model: "gpt-4o",
  provider: "OPENAI",
  user: "ana@example.com",
  request: "5b8e9a52-0c5f-4b8e-9d43-b4b4f5d5a001",
  properties: [
    { key: "Env", value: "prod" },
    { key: "Formula", value: "a=b&c" },
  ],
  from: "2026-11-22T10:00:00.000Z",
  to: "2026-11-22T12:00:00.000Z",
  before: "2026-11-22T11:59:00.000Z",
  offset: 50,
};

describe("request search", () => {
  it.each<RequestSearch>([{}, full, { range: "24h" }, { status: "success", offset: 100 }])(
    "survives the way through the address bar %#",
    (search) => expect(parseSearch(formatSearch(search))).toEqual(search),
  );

  it("writes nothing when nothing is set", () => expect(formatSearch({})).toBe(""));

  it.each([
    ["?status=maybe&range=1y&offset=-50&from=yesterday", {}],
    ["?offset=1.5&property=novalue&property==x&property=k=&model=%20%20", {}],
    ["?model=gpt&unrelated=1", { model: "gpt" }],
  ])("ignores what it does not understand in %s", (text, expected) => expect(parseSearch(text)).toEqual(expected));

  it("splits a property at the first equals sign", () => {
    expect(parseProperty("a = b=c")).toEqual({ key: "a", value: "b=c" });
  });

  it("counts filters but not paging", () => {
    expect(countFilters(full)).toBe(9);
    expect(countFilters({ before: "2026-11-22T11:59:00.000Z", offset: 50 })).toBe(0);
  });
});
