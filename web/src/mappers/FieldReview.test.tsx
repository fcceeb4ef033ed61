import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { MapperField } from "../api/types";
import { FieldReview } from "./FieldReview";

const candidate = (path: string, example: string) => ({ score: 0.9, reasons: ["its name says so"], examples: [example], mapping: { text: { path, join: "", pick: "all" } } });
const found: MapperField = { field: "text", streamed: false, decision: "pending", reason: "it is only 0.02 ahead of another", candidates: [candidate("/a", "Eight."), candidate("/b", "<img src=x onerror=alert(1)>")] };
const shown = (change: Partial<Parameters<typeof FieldReview>[0]> = {}) => renderToStaticMarkup(<FieldReview found={found} choices={{}} isSettled={false} problem={null} onChoose={() => {}} {...change} />);

describe("FieldReview", () => {
  it("shows each candidate with what it reads, as text", () => {
    const markup = shown();
    expect(markup).toMatch(/Text of the answer.*Waits for you.*0\.02 ahead.*\/a.*<mark[^>]*>Eight\.<\/mark>.*\/b.*&lt;img src=x/s);
    expect(markup).not.toContain("<img");
  });

  it("marks what is chosen", () => {
    const checked = (markup: string) => [...markup.matchAll(/<input type="radio"[^>]*>/g)].map(([input]) => input.includes("checked"));
    expect(checked(shown())).toEqual([true, false, false, false]);
    expect(checked(shown({ choices: { text: { kind: "candidate", index: 1 } } }))).toEqual([false, true, false, false]);
    expect(checked(shown({ choices: { text: { kind: "nothing" } } }))).toEqual([false, false, false, true]);
  });

  it("says what is wrong with a choice", () => {
    expect(shown({ choices: { text: { kind: "pointer", pointer: "nowhere" } }, problem: "this must be a place" })).toMatch(/aria-invalid="true".*This must be a place/s);
  });

  it("has nothing to choose for who may only read", () => {
    expect(shown({ onChoose: undefined }).match(/disabled=""/g)).toHaveLength(4);
  });
});
