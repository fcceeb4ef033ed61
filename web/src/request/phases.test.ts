import { describe, expect, it } from "vitest";
import { phasesOf } from "./phases";

const spans = (request: Parameters<typeof phasesOf>[0]) => phasesOf(request).map((phase) => [phase.startMs, phase.endMs]);

describe("phases", () => {
  it("follow each other up to the end", () => {
    expect(spans({ connect_ms: 20, ttfb_ms: 200, time_to_first_token: 250, delay_ms: 1000 })).toEqual([
      [0, 20],
      [20, 200],
      [200, 250],
      [250, 1000],
    ]);
  });

  it("leave out what was not measured", () => {
    expect(spans({ connect_ms: null, ttfb_ms: 200, time_to_first_token: null, delay_ms: 300 })).toEqual([
      [0, 200],
      [200, 300],
    ]);
    expect(phasesOf({ connect_ms: 3, delay_ms: null })).toEqual([]);
  });

  it("do not claim to receive when no byte came", () => {
    expect(phasesOf({ connect_ms: 5, delay_ms: 30 }).map((phase) => phase.name)).toEqual(["Connect", "Until the end"]);
  });

  it("never run backwards or past the end", () => {
    expect(spans({ ttfb_ms: 120, time_to_first_token: 90, delay_ms: 100 })).toEqual([
      [0, 100],
      [100, 100],
      [100, 100],
    ]);
  });
});
