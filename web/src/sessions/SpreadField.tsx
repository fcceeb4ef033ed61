import { firstOf } from "../address/address";
import { useAddress } from "../address/useAddress";
import { PERCENTILES } from "../api/sessions";

/** The middle half of the values, in the place of a percentile. */
export const INTERQUARTILE = "iqr";

/** Which of the values histograms show; it stands in the address bar. */
export function SpreadField() {
  const [address, change] = useAddress();
  const chosen = firstOf(address["up_to"]);
  const value = chosen === INTERQUARTILE ? chosen : (PERCENTILES.find((known) => known === chosen) ?? "p99");
  return (
    <label className="flex flex-wrap items-center gap-2 text-[0.8125rem] text-ink-soft">
      Values shown
      <select className="control" value={value} onChange={(event) => change({ up_to: event.target.value }, { replace: true })}>
        {PERCENTILES.map((percentile) => (
          <option key={percentile} value={percentile}>
            up to the {percentile.slice(1)}th percentile
          </option>
        ))}
        <option value={INTERQUARTILE}>the middle half</option>
      </select>
    </label>
  );
}
