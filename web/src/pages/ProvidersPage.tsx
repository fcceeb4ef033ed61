import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { DomainReview } from "../domains/DomainReview";
import { Domains } from "../domains/Domains";
import { HostRules } from "../hostRules/HostRules";
import { Providers } from "../providers/Providers";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

/** Where calls may go: domains, rules and the providers that are known. */
export function ProvidersPage() {
  usePageTitle("Providers and domains");
  const caller = useCaller();
  const manages = caller.data !== undefined && mayManage(caller.data);
  return (
    <div className="flex max-w-6xl flex-col gap-8">
      <div className="flex flex-col gap-3">
        <h1 className="text-lg font-semibold tracking-tight">Providers and domains</h1>
        <QueryState what="Your permissions" query={caller} />
        {caller.data && !manages && <ReadOnlyNote caller={caller.data} what="change domains and host rules" />}
      </div>
      {caller.data && (
        <>
          <Domains mayManage={manages} />
          {manages && caller.data.is_admin && <DomainReview />}
          <HostRules mayManage={manages} />
        </>
      )}
      <Providers />
    </div>
  );
}
