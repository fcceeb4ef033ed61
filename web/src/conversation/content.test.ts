import { describe, expect, it } from "vitest";
import { downloadOf, gapOf, parametersOf, pictureOf, roleName, soundOf, structured, webAddress } from "./content";

describe("pictures", () => {
  it.each([
    ["data:image/png;base64,iVBORw0KGgo=", "inline"],
    ["data:image/webp;base64,UklGRg==", "inline"],
    ["https://example.com/cat.jpg?x=1", "remote"],
    ["http://example.com/cat.jpg", "elsewhere"],
    ["data:image/svg+xml;base64,PHN2Zz4=", "elsewhere"],
    ["data:image/svg+xml,<svg onload=alert(1)>", "elsewhere"],
    ["data:text/html;base64,PGI+", "elsewhere"],
    ['data:image/png;base64,AAAA" onerror="alert(1)', "elsewhere"],
    ["javascript:alert(1)", "elsewhere"],
    ["//example.com/x.png", "elsewhere"],
    ["/v1/request/1", "elsewhere"],
    ["s3://bucket/key.png", "elsewhere"],
  ])("shows %j as %s", (url, kind) => expect(pictureOf(url)?.kind).toBe(kind));

  it("are absent without a URL", () => {
    expect(pictureOf(undefined)).toBeNull();
    expect(pictureOf("")).toBeNull();
  });

  it("on other servers name the server", () => {
    expect(pictureOf("https://a.example:8443/x")).toEqual({ kind: "remote", source: "https://a.example:8443/x", host: "a.example:8443" });
  });
});

describe("files and sound", () => {
  it("become data of harmless types only", () => {
    expect(soundOf({ audio_data: "SUQz", mime_type: "audio/mpeg" })).toBe("data:audio/mpeg;base64,SUQz");
    expect(soundOf({ audio_data: "SUQz" })).toBe("data:audio/mpeg;base64,SUQz");
    expect(soundOf({ audio_data: "SUQz", mime_type: "audio/pcm" })).toBeNull();
    expect(soundOf({ audio_data: "SUQz", mime_type: "text/html" })).toBeNull();
    expect(soundOf({ audio_data: "<b>" })).toBeNull();
    expect(soundOf({})).toBeNull();
    expect(downloadOf("JVBERi0=")).toBe("data:application/octet-stream;base64,JVBERi0=");
    expect(downloadOf("https://example.com/a.pdf")).toBeNull();
  });
});

describe("links", () => {
  it.each([
    ["https://example.com/a", true],
    [" HTTP://example.com ", true],
    ["javascript:alert(1)", false],
    ["java\nscript:alert(1)", false],
    ["data:text/html,x", false],
    ["https://", false],
    ["file-1", false],
    [undefined, false],
  ])("takes %j: %s", (url, taken) => expect(webAddress(url) !== null).toBe(taken));
});

describe("what is said", () => {
  it("tells JSON from text", () => {
    expect(structured('{"a": [1]}')).toEqual({ a: [1] });
    expect(structured(" [1]")).toEqual([1]);
    expect(structured('{"a":')).toBeNull();
    expect(structured("4 degrees")).toBeNull();
    expect(structured("4")).toBeNull();
  });

  it("names roles", () => {
    expect(roleName({ _type: "message", role: "user" })).toBe("User");
    expect(roleName({ _type: "message", role: "critic" })).toBe("critic");
    expect(roleName({ _type: "message", role: "constructor" })).toBe("constructor");
    expect(roleName({ _type: "function", role: "user" })).toBe("Tool result");
    expect(roleName({ _type: "message" })).toBe("Message");
  });

  it("lists parameters without what is shown elsewhere", () => {
    const request = { messages: [], model: "m", temperature: 0, stop: ["END"], reasoning_effort: "low", tool_choice: { type: "tool", name: "look" } };
    expect(parametersOf(request)).toEqual([
      ["temperature", "0"],
      ["stop", '["END"]'],
      ["reasoning_effort", "low"],
      ["tool_choice", "tool: look"],
    ]);
  });

  it("says why nothing is there", () => {
    expect(gapOf("omitted")).toContain("omitted");
    expect(gapOf("absent")).toBe("There is no body.");
    expect(gapOf("whole")).toBeNull();
    expect(gapOf("cut")).toBeNull();
  });
});
