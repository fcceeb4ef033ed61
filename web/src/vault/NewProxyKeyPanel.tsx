import { guessGateway, quote } from "../body/curl";
import { OncePanel } from "../components/OncePanel";
import { Snippet } from "../components/Snippet";
import type { NewProxyKey } from "./CreateProxyKeyDialog";

interface NewProxyKeyPanelProps {
  created: NewProxyKey;
  onDone: () => void;
}

/** Shows a new proxy key, this once, with a call to try it. */
export function NewProxyKeyPanel({ created, onDone }: NewProxyKeyPanelProps) {
  const [host] = created.provider.hosts;
  const example = [
    `curl ${guessGateway(window.location)}/v1/chat/completions`,
    `-H "Authorization: Bearer ${created.key}"`,
    `-H "Helicone-Target-Url: https://${host ?? "api.openai.com"}"`,
    '-H "Content-Type: application/json"',
    `-d ${quote('{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello"}]}')}`,
  ].join(" \\\n  ");
  return (
    <OncePanel
      title={`Copy the proxy key “${created.name}” now`}
      lead="Only its fingerprint is stored: it is not shown again. It stands where the provider's key would, in any header that the provider takes one in, and calls with it need no other key."
      what="proxy key"
      secret={created.key}
      testId="new-proxy-key"
      onDone={onDone}
    >
      <p className="text-ink-soft">Try it; the address and the target are those of a default installation and OpenAI:</p>
      <Snippet label="first call with this proxy key" text={example} />
    </OncePanel>
  );
}
