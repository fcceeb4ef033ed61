import { useState } from "react";
import type { CostGroup } from "../api/types";
import { FigureText } from "../components/FigureText";
import { ModelName } from "./ModelName";
import { dearestFirst, knownCost, knownTokens } from "./sums";

const SHOWN = 15;

interface CostTableProps {
  groups: CostGroup[];
}

/** What the calls of each model and provider cost, the dearest first. */
export function CostTable({ groups }: CostTableProps) {
  const [isWhole, setIsWhole] = useState(false);
  const sorted = dearestFirst(groups);
  const rows = isWhole ? sorted : sorted.slice(0, SHOWN);
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table" data-testid="cost-models">
        <caption className="sr-only">Costs by model and provider, the dearest first</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="!text-right">
              Calls
            </th>
            <th scope="col" className="!text-right max-md:hidden">
              Tokens in / out
            </th>
            <th scope="col" className="!text-right">
              No cost
            </th>
            <th scope="col" className="!text-right">
              Cost
            </th>
          </tr>
        </thead>
        <tbody className="tabular-nums">
          {rows.map((group) => (
            <tr key={`${group.provider} ${group.model}`}>
              <td>
                <ModelName group={group} />
              </td>
              <td className="text-right">{group.calls.toLocaleString("en-US")}</td>
              <td className="text-right whitespace-nowrap max-md:hidden">
                <FigureText figure={knownTokens(group)} />
              </td>
              <td className={`text-right ${group.calls_without_cost > 0 ? "font-medium text-warn" : "text-ink-faint"}`}>{group.calls_without_cost.toLocaleString("en-US")}</td>
              <td className="text-right whitespace-nowrap">
                <FigureText figure={knownCost(group)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > SHOWN && (
        <div className="border-t border-line px-3 py-2">
          <button type="button" className="button-quiet" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? "Show the dearest only" : `Show all ${sorted.length}`}
          </button>
        </div>
      )}
    </div>
  );
}
