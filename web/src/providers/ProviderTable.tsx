import type { Provider } from "../api/types";
import { Icon } from "../components/Icon";
import { Tag } from "../components/Tag";
import { describeCredential, describeDialect } from "./describe";

interface ProviderTableProps {
  providers: Provider[];
}

export function ProviderTable({ providers }: ProviderTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">Known providers, your own first</caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col" className="max-sm:hidden">
              Hosts
            </th>
            <th scope="col" className="max-md:hidden">
              Dedicated host
            </th>
            <th scope="col" className="max-lg:hidden">
              Dialect
            </th>
            <th scope="col" className="max-lg:hidden">
              Credential
            </th>
          </tr>
        </thead>
        <tbody>
          {providers.map((provider) => (
            <ProviderRow key={`${provider.title} ${provider.hosts.join(" ")}`} provider={provider} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One provider. On narrow screens all of it stands under its name. */
function ProviderRow({ provider }: { provider: Provider }) {
  return (
    <tr>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !whitespace-normal">
        <span className="flex flex-wrap items-center gap-x-2 text-ink">
          <span className="font-medium">{provider.title}</span>
          {provider.is_configured && <Tag text="configured" />}
          {provider.docs && (
            <a href={provider.docs} target="_blank" rel="noreferrer" className="rounded text-ink-soft hover:text-accent" aria-label={`Documentation of ${provider.title}`} title="Documentation">
              <Icon name="link" />
            </a>
          )}
        </span>
        <span className="block font-mono text-xs font-normal text-ink-soft" title="Its name in the log">
          {provider.name}
        </span>
        <div className="mt-1 font-normal text-ink sm:hidden">
          <Hosts provider={provider} />
        </div>
        <span className="block text-xs font-normal text-ink-soft lg:hidden">
          {describeDialect(provider.dialect)} dialect, credential: {describeCredential(provider.auth)}
        </span>
      </th>
      <td className="max-sm:hidden">
        <Hosts provider={provider} />
      </td>
      <td className="font-mono text-xs leading-5 max-md:hidden">{provider.label ? <DedicatedHost label={provider.label} /> : <None />}</td>
      <td className="whitespace-nowrap max-lg:hidden">{describeDialect(provider.dialect)}</td>
      <td className="max-lg:hidden">
        <code className="font-mono text-xs whitespace-nowrap">{describeCredential(provider.auth)}</code>
      </td>
    </tr>
  );
}

function Hosts({ provider }: { provider: Provider }) {
  return (
    <ul className="font-mono text-xs leading-5">
      {provider.hosts.map((host) => (
        <li key={host} className="wrap-anywhere">
          {host}
        </li>
      ))}
      {provider.label && (
        <li className="text-ink-soft md:hidden">
          <DedicatedHost label={provider.label} />
        </li>
      )}
    </ul>
  );
}

function DedicatedHost({ label }: { label: string }) {
  return (
    <>
      <span className="font-semibold">{label}</span>.<span className="font-sans text-ink-soft">your gateway's domain</span>
    </>
  );
}

function None() {
  return (
    <span className="text-ink-faint">
      <span aria-hidden="true">—</span>
      <span className="sr-only">none</span>
    </span>
  );
}
