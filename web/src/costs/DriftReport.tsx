import type { ReconciledPlace, Reconciliation } from "../api/types";
import { Badge } from "../components/Badge";
import { FigureText } from "../components/FigureText";
import { Notice } from "../components/Notice";
import { Prose } from "../components/Prose";
import { formatUsd } from "../format/money";
import { known, unknown } from "../format/unknown";
import { driftOf, formatPercent } from "./drift";

interface DriftReportProps {
  result: Reconciliation;
}

/** Both sides, by day and model, and how they differ. */
export function DriftReport({ result }: DriftReportProps) {
  const { total, only_theirs: theirs, only_ours: ours } = result;
  return (
    <div className="flex flex-col gap-3" data-testid="drift">
      <p className="text-[0.8125rem]">
        {result.provider}, from {result.from} until {result.to}:{" "}
        <strong>
          {formatUsd(total.theirs_usd ?? 0)} charged, {formatUsd(total.ours_usd)} computed here
        </strong>{" "}
        <Badge tone={driftOf(total).tone}>
          {driftOf(total).text}
          {total.drift_percent !== null && ` (${formatPercent(total.drift_percent)})`}
        </Badge>
      </p>
      {total.calls_without_cost > 0 && (
        <Notice tone="warn">
          Of {total.calls_without_cost.toLocaleString("en-US")} of {total.calls.toLocaleString("en-US")} calls the cost is not known, so that ours is less than it should be.
        </Notice>
      )}
      {theirs.length > 0 && <p className="text-[0.8125rem] text-ink-soft">Only the provider names: {theirs.join(", ")}.</p>}
      {ours.length > 0 && <p className="text-[0.8125rem] text-ink-soft">Only our calls have: {ours.map((model) => model || "calls without a model").join(", ")}.</p>}
      {result.notes.map((note) => (
        <p key={note} className="text-[0.8125rem] text-ink-soft">
          <Prose text={note} />
        </p>
      ))}
      <div className="panel overflow-x-auto">
        <table className="list-table tabular-nums">
          <caption className="sr-only">What the provider charged and what we computed, by day{result.by_model && " and model"}</caption>
          <thead>
            <tr>
              <th scope="col">Day{result.by_model && ", model"}</th>
              <th scope="col" className="!text-right">
                Charged
              </th>
              <th scope="col" className="!text-right">
                Computed
              </th>
              <th scope="col">Drift</th>
              <th scope="col" className="!text-right max-md:hidden">
                Calls
              </th>
            </tr>
          </thead>
          <tbody>
            {result.places.map((place) => (
              <PlaceRow key={`${place.day} ${place.model}`} place={place} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function PlaceRow({ place }: { place: ReconciledPlace }) {
  const drift = driftOf(place);
  const lacking = place.calls_without_cost;
  return (
    <tr>
      <td>
        <span className="whitespace-nowrap">{place.day}</span>
        {place.model !== null && <span className="block text-xs text-ink-soft wrap-anywhere">{place.model || "no model"}</span>}
      </td>
      <td className="text-right">
        <FigureText figure={place.theirs_usd === null ? unknown("the export says nothing of it") : known(formatUsd(place.theirs_usd))} />
      </td>
      <td className="text-right">
        <FigureText figure={place.calls === 0 || lacking >= place.calls ? unknown("no cost of ours is known") : known(formatUsd(place.ours_usd))} />
      </td>
      <td>
        <span className="[&>span]:!whitespace-normal">
          <Badge tone={drift.tone}>{drift.text}</Badge>
        </span>
        {place.drift_percent !== null && <span className="block text-xs text-ink-soft">{formatPercent(place.drift_percent)}</span>}
      </td>
      <td className="text-right max-md:hidden">
        {place.calls.toLocaleString("en-US")}
        {lacking > 0 && <span className="block text-xs text-warn">{lacking.toLocaleString("en-US")} without a cost</span>}
      </td>
    </tr>
  );
}
