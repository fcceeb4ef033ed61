import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { cancelRepricing, listRepricings, repriceCalls } from "../api/costs";
import type { FilterNode, Repricing } from "../api/types";
import { announce } from "../announce/announce";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { ProblemNotice } from "../components/ProblemNotice";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { SelectField } from "../components/SelectField";
import { useClient } from "../session/ClientContext";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { describeProgress, repriceFilter, type RepriceDraft } from "./repricing";
import { EarlierRepricings } from "./EarlierRepricings";
import { RepricingPanel } from "./RepricingPanel";

const LOOK_EVERY_MS = 500;

/** What is read again when costs have changed. */
const SHOW_COSTS = ["costs", "requests", "request", "request-cost"];

const WHICH = [
  { value: "all", text: "all calls" },
  { value: "without_price", text: "calls that lack a price" },
] as const;

interface RepricingsProps {
  draft: RepriceDraft;
  onChange: (draft: RepriceDraft) => void;
  mayManage: boolean;
}

/** Has calls priced anew: first a trial, then, if its outcome is what is wanted, in earnest. */
export function Repricings({ draft, onChange, mayManage }: RepricingsProps) {
  const client = useClient();
  const queries = useQueryClient();
  const [tried, setTried] = useState<{ id: string; draft: RepriceDraft } | null>(null);
  const query = useQuery({
    queryKey: ["repricings"],
    queryFn: ({ signal }) => listRepricings(client, signal),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? LOOK_EVERY_MS : false),
  });
  const [newest, ...earlier] = query.data ?? [];
  useEnd(query.data);
  const begin = useChange({
    make: (api, { filter, isDryRun }: { filter: FilterNode; isDryRun: boolean }) => repriceCalls(api, filter, isDryRun),
    told: ({ dry_run: isDry }) => (isDry ? "The trial has begun." : "The re-pricing has begun."),
    changes: [],
    // Not waited for: a short one has ended when the list is read, and its end is the later news.
    then: () => void queries.invalidateQueries({ queryKey: ["repricings"] }),
  });
  const cancellation = useChange({
    make: (api, id: string) => cancelRepricing(api, id),
    told: () => "It ends soon; what it has written stays.",
    changes: ["repricings"],
  });
  const tryOut = () => {
    begin.mutate({ filter: repriceFilter(draft, Date.now()), isDryRun: true }, { onSuccess: ({ id }) => setTried({ id, draft }) });
  };
  const isRunning = newest?.state === "running";
  const change = (part: Partial<RepriceDraft>) => onChange({ ...draft, ...part });
  // A trial speaks for what it was made of: once something else is chosen, another one has to be made.
  const mayFollow = mayManage && newest?.dry_run && newest.state === "done" && newest.changed > 0 && tried?.id === newest.id && tried.draft === draft;
  return (
    <Section
      title="Re-price"
      lead="Prices calls anew, with the prices that were valid when each was made: after you set a price, or when the price book learned a better one. A trial says what would change; nothing of a call but its cost is touched."
    >
      {mayManage && (
        <div className="panel flex flex-col gap-3 p-3 sm:p-4">
          <div className="grid items-start gap-3 sm:grid-cols-3">
            <SelectField label="Which" options={WHICH} value={draft.only} onChange={(only) => change({ only })} />
            <Field label="Model contains" value={draft.model} onChange={(model) => change({ model })} problem={null} />
            <Field label="Provider contains" value={draft.provider} onChange={(provider) => change({ provider })} problem={null} />
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <TimeRangePicker value={draft.time} onChange={(time) => change({ time })} />
            <BusyButton className="button sm:ml-auto" isBusy={begin.isPending || isRunning} onClick={tryOut}>
              Try it out
            </BusyButton>
          </div>
          <ProblemNotice error={begin.error} />
        </div>
      )}
      <QueryState what="The re-pricings" query={query} />
      {newest && (
        <RepricingPanel repricing={newest}>
          {mayManage && isRunning && (
            <BusyButton className="button-danger" isBusy={cancellation.isPending} onClick={() => cancellation.mutate(newest.id)}>
              Cancel
            </BusyButton>
          )}
          {mayFollow && (
            <BusyButton className="button-primary" isBusy={begin.isPending} onClick={() => begin.mutate({ filter: newest.filter as FilterNode, isDryRun: false })}>
              Re-price {newest.changed === 1 ? "one call" : `${newest.changed.toLocaleString("en-US")} calls`}
            </BusyButton>
          )}
        </RepricingPanel>
      )}
      <ProblemNotice error={cancellation.error} />
      {earlier.length > 0 && <EarlierRepricings repricings={earlier} />}
    </Section>
  );
}

/** Tells of the end of a re-pricing that was not over when the page came, and has all read again that shows costs. */
function useEnd(all: Repricing[] | undefined) {
  const queries = useQueryClient();
  const ended = useRef<string | null>(null);
  useEffect(() => {
    if (all === undefined) return;
    const newest = all.find(({ state }) => state !== "running");
    const isNews = ended.current !== null && newest !== undefined && newest.id !== ended.current;
    ended.current = newest?.id ?? "";
    if (!isNews) return;
    announce(`${newest.state === "done" ? "Done" : "It ended early"}: ${describeProgress(newest)}.`);
    if (!newest.dry_run) for (const name of SHOW_COSTS) void queries.invalidateQueries({ queryKey: [name] });
  }, [all, queries]);
}
