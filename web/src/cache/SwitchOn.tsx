import { firstCall } from "../body/curl";
import { Section } from "../components/Section";
import { Snippet } from "../components/Snippet";
import { useGateway } from "../replay/gateway";

const HEADERS = ["Helicone-Cache-Enabled: true", "Cache-Control: max-age=3600"];

const MORE = [
  { name: "Cache-Control", meaning: "how long an answer is kept: max-age in seconds, up to 365 days; 7 days without it" },
  { name: "Helicone-Cache-Bucket-Max-Size", meaning: "keeps up to 20 different answers to the same call and gives out one of them" },
  { name: "Helicone-Cache-Seed", meaning: "keeps answers apart that would be the same call otherwise, as for different users" },
  { name: "Helicone-Cache-Ignore-Keys", meaning: "fields of the body that make no difference, separated by commas" },
] as const;

/** How calls get answers from the cache. */
export function SwitchOn() {
  const gateway = useGateway();
  return (
    <Section
      title="Switch it on"
      lead="A call says by a header that it may be answered from the cache. The same call, to the same target and with the same provider key, then gets the same answer again, byte by byte."
    >
      <Snippet label="first call with the cache" text={firstCall(gateway, undefined, HEADERS)} />
      <dl className="grid gap-x-4 gap-y-1 text-[0.8125rem] sm:grid-cols-[auto_minmax(0,1fr)]">
        {MORE.map(({ name, meaning }) => (
          <div key={name} className="contents">
            <dt className="font-mono">{name}</dt>
            <dd className="text-ink-soft max-sm:mb-1">{meaning}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
