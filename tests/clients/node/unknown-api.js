// An API of a model that nobody wrote a reader for: unlike any known dialect, and its counts add up.

import { createServer } from "node:http";

export const UNKNOWN_HOST = "llm.unknown.example";
export const UNKNOWN_MODEL = "acme-large-2";
const PATH = "/v1/turns";

const QUESTIONS = [
  "Which river runs through Cologne, and where does it end?",
  "Write two lines about the smell of rain.",
  "How many legs does a spider have?",
  "Name a prime above one hundred.",
  "Why is the sky blue?",
];
const ANSWERS = [
  "The Rhine. It ends in the North Sea, near Rotterdam.",
  "Wet dust, warm stone; the street remembers that it once was earth, and says so.",
  "Eight.",
  "A hundred and one is prime, and so is a hundred and three.",
  "Air scatters short waves more than long ones, so the blue of the sun reaches us from everywhere.",
];
const pick = (texts, number) => texts[(number + Math.floor(number / 5)) % 5];

/** Returns what is asked and answered the nth time. */
export function turn(number) {
  const question = `${pick(QUESTIONS, number)} (${number})`;
  const answer = `${pick(ANSWERS, number * 2)} [${number * 7}]`;
  const [input, output] = [question, answer].map((text) => Math.floor(text.length / 4) + 3);
  return {
    question,
    answer,
    asked: { engine: UNKNOWN_MODEL, heat: 0.5, number, dialogue: [{ speaker: "human", utterance: question }] },
    answered: {
      id: `turn-${77_000 + number * 13}`,
      took_ms: 400 + ((number * 31) % 97),
      turn: { speaker: "ai", utterance: answer },
      ended_because: "eos",
      accounting: { tokens_in: input, tokens_out: output, tokens_total: input + output },
    },
  };
}

/** Serves the API; `plain` is for `start`. */
export async function startUnknownApi() {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { number } = JSON.parse(Buffer.concat(parts).toString());
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(turn(number).answered));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { plain: { [UNKNOWN_HOST]: `127.0.0.1:${server.address().port}` }, stop };
}

/** Calls the API at `path` through the gateway and returns the call's id. */
export async function callUnknown(gatehouse, key, number, path = PATH) {
  const headers = { "Helicone-Auth": `Bearer ${key}`, "Helicone-Target-Url": `http://${UNKNOWN_HOST}`, "Content-Type": "application/json" };
  const response = await fetch(`${gatehouse.gateway}${path}`, { method: "POST", headers, body: JSON.stringify(turn(number).asked) });
  await response.text();
  if (response.status !== 200) throw new Error(`the unknown API answered ${response.status}`);
  return response.headers.get("helicone-id");
}
