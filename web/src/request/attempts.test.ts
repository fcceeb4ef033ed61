import { describe, expect, it } from "vitest";
import { attemptBars, describeEnd, describeTarget, describeWait } from "./attempts";

const attempt = (started_ms: number, ended_ms: number, status: number | null, fallback_index: number | null = null) => ({
  provider: "OPENAI",
  target_url: "https://api.openai.com",
  fallback_index,
  status,
  error_kind: status === null ? "connect_timeout" : null,
  started_ms,
  ended_ms,
  connect_ms: null,
});

describe("attempts", () => {
  it("lie on one track with the waits between them", () => {
    const bars = attemptBars([attempt(0, 100, 503), attempt(300, 400, null), attempt(400, 1000, 200, 0)]);
    expect(bars.map(({ left, width }) => [left, width])).toEqual([
      [0, 10],
      [30, 10],
      [40, 60],
    ]);
    expect(bars.map(describeWait)).toEqual([null, "after a wait of 200 ms", null]);
    expect(bars.map(({ succeeded }) => succeeded)).toEqual([false, false, true]);
  });

  it("say how each ended and who was asked", () => {
    expect(describeEnd(attempt(0, 1, 429))).toBe("429");
    expect(describeEnd(attempt(0, 1, null))).toBe("connect timeout");
    expect(describeEnd({ status: null, error_kind: null })).toBe("no answer");
    expect(describeTarget(attempt(0, 1, 200))).toBe("OPENAI");
    expect(describeTarget({ ...attempt(0, 1, 200, 0), provider: "" })).toBe("https://api.openai.com, target 1");
  });

  it("take no time when none is known", () => {
    expect(attemptBars([])).toEqual([]);
    expect(attemptBars([attempt(0, 0, 200)])[0]).toMatchObject({ left: 0, width: 0, waitMs: 0 });
  });
});
