import { expect, it } from "vitest";
import { parseProperty } from "./property";

it.each([
  ["a = b=c", { key: "a", value: "b=c" }],
  ["novalue", null],
  ["=x", null],
  ["k= ", null],
])("%j is split at the first equals sign", (text, expected) => expect(parseProperty(text)).toEqual(expected));
