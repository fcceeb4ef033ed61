import type { Repricing } from "../api/types";
import { Badge } from "../components/Badge";
import { Instant } from "../components/Instant";
import { formatUsd } from "../format/money";
import { STANDING_TONES } from "./RepricingPanel";
import { describeStanding } from "./repricing";

interface EarlierRepricingsProps {
  repricings: Repricing[];
}

/** The re-pricings before the last one, since the server started. */
export function EarlierRepricings({ repricings }: EarlierRepricingsProps) {
  return (
    <details>
      <summary className="w-fit text-[0.8125rem] text-ink-soft">Earlier ones ({repricings.length})</summary>
      <div className="panel mt-2 overflow-x-auto">
        <table className="list-table tabular-nums">
          <thead>
            <tr>
              <th scope="col">Begun</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="!text-right">
                Changed
              </th>
              <th scope="col" className="max-sm:hidden">
                Known cost
              </th>
            </tr>
          </thead>
          <tbody>
            {repricings.map((one) => (
              <tr key={one.id}>
                <td>
                  <Instant iso={one.started_at} />
                </td>
                <td>
                  <Badge tone={STANDING_TONES[one.state]}>{describeStanding(one)}</Badge>
                </td>
                <td className="text-right">
                  {one.changed.toLocaleString("en-US")} of {one.scanned.toLocaleString("en-US")}
                </td>
                <td className="max-sm:hidden">
                  {formatUsd(one.cost_before_usd)} → {formatUsd(one.cost_after_usd)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
