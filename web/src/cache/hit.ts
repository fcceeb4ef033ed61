import { on } from "../filter/node";

/** Calls that the cache answered. */
export const HIT = on({ cached: { equals: true } });
