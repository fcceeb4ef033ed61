// The same call by two ways, straight to the provider and through the gateway: equal outcomes here, equal requests there.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { leadFetch } from "./lead.js";
import { KEY, start, until } from "./processes.js";

const READABLE_MS = 1000;

/** What every model of the double says. */
export const TEXT = "Hello! How can I help you today?";
const UNKNOWN_KEY = KEY.replace("ddddddd", "0000000");

/** Starts the programs before the tests of a file; the object that is returned has them then. */
export function useSetting(options) {
  const setting = {};
  before(async () => {
    Object.assign(setting, await start(options));
    leadFetch(setting);
  });
  after(() => setting.stop?.());
  return setting;
}

/** Returns all parts of a stream. */
export async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** Returns what JSON keeps of a value. */
export const plain = (value) => JSON.parse(JSON.stringify(value));

/** Returns all values of a header of a recorded request. */
export const header = (request, name) => request.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);

/** Returns a recorded request without what may differ between two connections. */
export function asSent({ method, target, version, sni, headers, body }) {
  const common = headers
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .filter((line) => !line.startsWith("connection:"))
    // Node's fetch offers brotli over TLS only, so not to a gateway with plain HTTP.
    .map((line) => line.replace("accept-encoding: br, gzip", "accept-encoding: gzip"));
  return { method, target, version, sni, headers: common.sort(), body: body.toString("latin1") };
}

/**
 * Makes a call and returns its value or error, and the requests that reached the provider.
 *
 * `describe` turns an error of the library into a plain object, and any other into nothing.
 */
export async function run(double, call, describe) {
  await double.clear();
  const outcome = await call().then(plain, (error) => {
    const seen = describe(error);
    if (!seen) throw error;
    return seen;
  });
  return { outcome, requests: await double.requests() };
}

/** Asserts that what reached the provider is for `host`, with the caller's own credential and nothing of ours. */
export function checkRequest(request, host, credential) {
  assert.deepEqual(request.headers.filter(([name]) => name.toLowerCase().startsWith("helicone")), []);
  assert.deepEqual(header(request, "host"), [host]);
  assert.equal(request.sni, host);
  for (const [name, value] of Object.entries(credential)) assert.deepEqual(header(request, name), [value]);
}

/**
 * Registers a test for each call: straight and through the gateway it has the same outcome and makes the same request.
 *
 * `program` has `setting`, `host`, the headers of the `credential`, `describe` of `run`, and a client for each route:
 * `direct()` and `gateway()`. Each of `calls` takes a client; `[call, check]` also looks at the outcome.
 */
export function compareCalls(program, calls) {
  for (const [name, [call, check]] of Object.entries(calls)) {
    test(`${program.name}: ${name}`, async () => {
      const { double } = program.setting;
      const straight = await run(double, () => call(program.direct()), program.describe);
      const through = await run(double, () => call(program.gateway()), program.describe);
      assert.deepEqual(through.outcome, straight.outcome);
      assert.deepEqual(through.requests.map(asSent), straight.requests.map(asSent));
      assert.ok(through.requests.length > 0);
      for (const request of through.requests) checkRequest(request, program.host, program.credential);
      check(through.outcome);
    });
  }
}

/**
 * Registers a test: with a key that nobody has the library raises an error that `check` accepts.
 *
 * `call` is given the header with the key, `message` reads the text that the application sees.
 */
export function refuseUnknownKey(name, setting, call, check, message = (error) => error.message) {
  test(`${name}: an unknown Helicone key is an error that says why`, async () => {
    await setting.double.clear();
    await assert.rejects(call({ "Helicone-Auth": `Bearer ${UNKNOWN_KEY}` }), (error) => {
      check(error);
      assert.match(message(error), /the key in .*Helicone-Auth/);
      assert.ok(!message(error).includes(UNKNOWN_KEY));
      return true;
    });
    assert.deepEqual(await setting.double.requests(), []);
  });
}

/** Returns the logged call, which is there within a second of its end. */
export const logged = (gatehouse, requestId) => until(() => gatehouse.row(requestId), READABLE_MS, "a row");
