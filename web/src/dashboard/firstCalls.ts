/** The first call, in the languages that people make it in. */
import { firstCall } from "../body/curl";

export interface FirstCall {
  value: string;
  text: string;
  code: string;
}

/** Returns the same first call for curl and the common clients, through the gateway at this address. */
export function firstCalls(gateway: string): FirstCall[] {
  return [
    { value: "curl", text: "curl", code: firstCall(gateway) },
    { value: "python", text: "Python", code: python(gateway) },
    { value: "node", text: "TypeScript", code: node(gateway) },
    { value: "anthropic", text: "Anthropic", code: anthropic(gateway) },
  ];
}

function python(gateway: string): string {
  return `import os
from openai import OpenAI

client = OpenAI(
    base_url="${gateway}/v1",
    default_headers={
        "Helicone-Auth": f"Bearer {os.environ['GATEHOUSE_API_KEY']}",
        "Helicone-Target-Url": "https://api.openai.com",
        "Helicone-User-Id": "ada",
    },
)
answer = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "Say hello"}],
)
print(answer.choices[0].message.content)`;
}

function node(gateway: string): string {
  return `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${gateway}/v1",
  defaultHeaders: {
    "Helicone-Auth": \`Bearer \${process.env.GATEHOUSE_API_KEY}\`,
    "Helicone-Target-Url": "https://api.openai.com",
    "Helicone-User-Id": "ada",
  },
});
const answer = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Say hello" }],
});
console.log(answer.choices[0].message.content);`;
}

function anthropic(gateway: string): string {
  return `import os
from anthropic import Anthropic

client = Anthropic(
    base_url="${gateway}",
    default_headers={
        "Helicone-Auth": f"Bearer {os.environ['GATEHOUSE_API_KEY']}",
        "Helicone-Target-Url": "https://api.anthropic.com",
    },
)
answer = client.messages.create(
    model="claude-3-5-haiku-latest",
    max_tokens=100,
    messages=[{"role": "user", "content": "Say hello"}],
)
print(answer.content[0].text)`;
}
