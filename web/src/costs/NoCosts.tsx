/** What stands in place of the figures where there are no calls. */
export function NoCosts() {
  return (
    <div className="panel flex flex-col gap-2 px-4 py-6 sm:px-8">
      <h2 className="text-base font-semibold">No calls in this time</h2>
      <p className="max-w-3xl text-ink-soft">
        Each call through the gateway gets a cost as soon as it ends: what the provider counted, times the prices of that day. Where a price is not known, the call is counted as one without a cost, and you can set the price here.
      </p>
    </div>
  );
}
