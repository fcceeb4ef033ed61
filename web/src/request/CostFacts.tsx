import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { deriveCost } from "../api/costs";
import type { CostDerivation, HeliconeRequest } from "../api/types";
import { Instant } from "../components/Instant";
import { unitOf } from "../costs/units";
import { explainCost } from "../format/unknown";
import { useClient } from "../session/ClientContext";
import { breakdownOf, describeLine, describeMatch, describeRowConditions, describeSource, describeStale, describeValidity, dollarsOfPicos, type Breakdown } from "./derivation";
import { FactList } from "./FactList";
import { Facts } from "./Facts";

const LACKS_PRICE = ["no_price", "partial_price"];
const REVISIONS: Record<string, string> = { reprice: "priced anew", mapping: "read by a mapping" };

interface CostFactsProps {
  request: Pick<HeliconeRequest, "request_id">;
}

/** How the cost comes about: what was used, times its price, line by line; or why there is none. */
export function CostFacts({ request }: CostFactsProps) {
  const client = useClient();
  const query = useQuery({
    queryKey: ["request-cost", request.request_id],
    queryFn: ({ signal }) => deriveCost(client, request.request_id, signal),
    refetchOnWindowFocus: false,
  });
  return (
    <Facts title="How the cost comes about">
      {query.isPending && <p className="text-[0.8125rem] text-ink-faint">Reading…</p>}
      {query.error && <p className="text-xs text-ink-soft">It could not be read: {query.error.message}</p>}
      {query.data && <Derivation told={query.data} />}
    </Facts>
  );
}

interface DerivationProps {
  told: CostDerivation;
}

function Derivation({ told }: DerivationProps) {
  const breakdown = breakdownOf(told);
  if (breakdown === null) return <p className="text-[0.8125rem] text-ink-soft">The answer came out of the cache, which costs nothing.</p>;
  const stale = describeStale(told, breakdown);
  const isPriced = breakdown.exact_usd !== null;
  return (
    <div className="flex flex-col gap-2 text-[0.8125rem]">
      {breakdown.lines.length > 0 && <Lines breakdown={breakdown} />}
      {!isPriced && breakdown.status !== "declared" && <p className="text-ink-soft">No cost can be told: {explainCost(breakdown.status)}.</p>}
      {LACKS_PRICE.includes(breakdown.status) && (
        <Link to="/costs" className="w-fit text-accent hover:underline">
          Set a price
        </Link>
      )}
      {breakdown.status === "declared" && <p className="text-ink-soft">It is what the provider itself said.</p>}
      {breakdown.missing.length > 0 && <p className="text-warn">Without a known price: {breakdown.missing.map((unit) => unitOf(unit).text.toLowerCase()).join(", ")}.</p>}
      {breakdown.row && (
        <FactList
          facts={[
            { name: "Priced by", value: describeSource(breakdown.row) },
            { name: "Found as", value: describeMatch(breakdown.row) },
            { name: "Valid", value: describeValidity(breakdown.row) },
            { name: "Conditions", value: describeRowConditions(breakdown.row) },
            { name: "Revised", value: told.revised_at && <Revision at={told.revised_at} reason={told.revised_reason} /> },
          ]}
        />
      )}
      {stale && <p className="rounded-md bg-warn-wash px-2 py-1.5 text-xs text-warn">{stale}</p>}
    </div>
  );
}

function Revision({ at, reason }: { at: string; reason: string | null }) {
  return (
    <>
      <Instant iso={at} />
      {reason && `, ${REVISIONS[reason] ?? reason}`}
    </>
  );
}

function Lines({ breakdown: { lines, exact_usd: exact } }: { breakdown: Breakdown }) {
  return (
    <ul className="flex flex-col gap-1.5" aria-label="Parts of the cost">
      {lines.map((line) => (
        <li key={line.unit}>
          <span className="flex justify-between gap-3">
            <span>{unitOf(line.unit).text}</span>
            <span className="tabular-nums wrap-anywhere">{dollarsOfPicos(line.amount_pico_usd)}</span>
          </span>
          <span className="block text-xs text-ink-soft tabular-nums">{describeLine(line)}</span>
        </li>
      ))}
      {exact !== null && (
        <li className="flex justify-between gap-3 border-t border-line pt-1 font-medium">
          <span>Sum</span>
          <span className="tabular-nums wrap-anywhere">${exact}</span>
        </li>
      )}
    </ul>
  );
}
