import { useState } from "react";
import { Snippet } from "../components/Snippet";
import { Tabs } from "../components/Tabs";
import { GatewayField } from "../replay/GatewayField";
import { useGateway } from "../replay/gateway";
import { firstCalls } from "./firstCalls";

/** What stands where nothing was ever logged: the first call, in the language of whoever makes it. */
export function FirstCall() {
  const gateway = useGateway();
  const [language, setLanguage] = useState("curl");
  const calls = firstCalls(gateway);
  return (
    <div className="panel mx-auto grid w-full max-w-3xl gap-4 px-4 py-8 sm:px-8">
      <h2 className="text-base font-semibold">No requests yet. Make the first call</h2>
      <p className="text-ink-soft">
        Send any provider call to the gateway instead, name the provider's address in <code className="font-mono text-ink">Helicone-Target-Url</code> and your Gatehouse key in{" "}
        <code className="font-mono text-ink">Helicone-Auth</code>. It appears here a second after it ends.
      </p>
      <Tabs
        label="Language of the example"
        value={language}
        onChange={setLanguage}
        tabs={calls.map(({ value, text, code }) => ({ value, text, content: <Snippet label={`first call with ${text}`} text={code} /> }))}
      />
      <GatewayField />
    </div>
  );
}
