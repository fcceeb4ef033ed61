import { useRef, useState } from "react";
import type { CostGroup, PriceOverride } from "../api/types";
import { Notice } from "../components/Notice";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { Section } from "../components/Section";
import { usePageTitle } from "../components/usePageTitle";
import { CostFigures } from "../costs/CostFigures";
import { CostTable } from "../costs/CostTable";
import { DayChart } from "../costs/DayChart";
import { draftOf, EMPTY_DRAFT, type PriceDraft } from "../costs/draft";
import { NoCosts } from "../costs/NoCosts";
import { PriceDialog } from "../costs/PriceDialog";
import { Prices } from "../costs/Prices";
import { Reconcile } from "../costs/Reconcile";
import { FIRST_REPRICE } from "../costs/repricing";
import { Repricings } from "../costs/Repricings";
import { barsOf, withoutPrice } from "../costs/sums";
import { UnpricedTable } from "../costs/UnpricedTable";
import { useCosts } from "../costs/useCosts";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { PageHeader } from "../tables/PageHeader";
import { TimeRangePicker } from "../time/TimeRangePicker";
import { useTimeRange } from "../time/useTimeRange";

/** What calls cost, which of them have no cost and why, and the prices behind it. */
export function CostsPage() {
  usePageTitle("Costs");
  const caller = useCaller();
  const [time, setTime] = useTimeRange("30d");
  const [edited, setEdited] = useState<{ id: string | null; first: PriceDraft } | null>(null);
  const [saved, setSaved] = useState<PriceOverride | null>(null);
  const [reprice, setReprice] = useState(FIRST_REPRICE);
  const repricings = useRef<HTMLDivElement>(null);
  const days = useCosts(time, ["day"]);
  const models = useCosts(time, ["provider", "model"]);
  const manages = caller.data !== undefined && mayManage(caller.data);
  const unpriced = withoutPrice(models.data?.groups ?? []);
  const setPriceOf = ({ provider, model }: CostGroup) => setEdited({ id: null, first: { ...EMPTY_DRAFT, provider: provider ?? "", models: model ?? "" } });
  const show = (price: PriceOverride) => {
    setEdited(null);
    setSaved(price);
  };
  const prepareReprice = (price: PriceOverride) => {
    const [model = ""] = price.models.length === 1 ? price.models : [];
    setReprice({ ...FIRST_REPRICE, provider: price.provider, model: model.replace(/\*$/, "") });
    setSaved(null);
    repricings.current?.scrollIntoView();
    repricings.current?.focus();
  };
  return (
    <div className="flex max-w-6xl flex-col gap-8">
      <div className="flex flex-col gap-3">
        <PageHeader title="Costs">
          <TimeRangePicker value={time} onChange={setTime} />
        </PageHeader>
        <QueryState what="Your permissions" query={caller} />
        {caller.data && !manages && <ReadOnlyNote caller={caller.data} what="set prices and price calls anew" />}
        {days.error ? <QueryState what="The costs" query={days} /> : days.data === undefined ? <Unread /> : days.data.total.calls === 0 ? <NoCosts /> : <CostFigures total={days.data.total} />}
        {days.data && <DayChart bars={barsOf(days.data.groups)} />}
      </div>
      {saved && (
        <Notice tone="warn">
          <span className="flex flex-wrap items-center gap-2">
            <span className="min-w-0 flex-1 basis-60 wrap-anywhere">The price of {saved.models.join(", ")} holds for calls from now on. Earlier ones keep their cost until they are priced anew.</span>
            <button type="button" className="button" onClick={() => prepareReprice(saved)}>
              Re-price earlier calls
            </button>
          </span>
        </Notice>
      )}
      {unpriced.length > 0 && (
        <Section title="Models without a price" lead="Their calls count as unknown, never as free. Set what you pay for them; earlier calls get their cost when you re-price them.">
          <UnpricedTable groups={unpriced} mayManage={manages} onSetPrice={setPriceOf} />
        </Section>
      )}
      {models.data && models.data.groups.length > 0 && (
        <Section title="By model and provider" lead="The dearest first. Costs are sums over the calls whose cost is known.">
          <CostTable groups={models.data.groups} />
        </Section>
      )}
      <Prices mayManage={manages} onAdd={() => setEdited({ id: null, first: EMPTY_DRAFT })} onEdit={(price) => setEdited({ id: price.id, first: draftOf(price) })} />
      <div ref={repricings} tabIndex={-1} className="scroll-mt-24 outline-none">
        <Repricings draft={reprice} onChange={setReprice} mayManage={manages} />
      </div>
      <Reconcile providers={[...new Set(models.data?.groups.map(({ provider }) => provider ?? ""))].filter(Boolean)} />
      {edited && <PriceDialog id={edited.id} first={edited.first} onSaved={show} onClose={() => setEdited(null)} />}
    </div>
  );
}

/** Keeps the place of the figures and of the days. */
function Unread() {
  return <p className="min-h-80 py-8 text-center text-ink-faint">Reading…</p>;
}
