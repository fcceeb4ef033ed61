import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress, type Address } from "./address";

describe("address", () => {
  it.each<Address>([{}, { range: "24h" }, { filter: '{"a":{"b":{"equals":"x & y=z"}}}', open: "1" }, { property: ["a=b", "c=d"] }])(
    "survives the way through the address bar %#",
    (address) => expect(parseAddress(formatAddress(address))).toEqual(address),
  );

  it("writes nothing when nothing is set", () => expect(formatAddress({ range: undefined, list: [] })).toBe(""));
  it("reads no empty values", () => expect(parseAddress("?model=%20&user=&range=1h")).toEqual({ range: "1h" }));
});
