import type { CostGroup } from "../api/types";
import { ModelName } from "./ModelName";
import { lacksPrice } from "./sums";

interface UnpricedTableProps {
  /** Groups that lack a price. */
  groups: CostGroup[];
  mayManage: boolean;
  onSetPrice: (group: CostGroup) => void;
}

/** Models of which no price, or not the whole of it, is known. */
export function UnpricedTable({ groups, mayManage, onSetPrice }: UnpricedTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table" data-testid="unpriced">
        <caption className="sr-only">Models without a price, those with the most calls first</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="!text-right">
              Calls
            </th>
            <th scope="col" className="max-sm:hidden">
              What lacks
            </th>
            {mayManage && (
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={`${group.provider} ${group.model}`}>
              <td>
                <ModelName group={group} />
              </td>
              <td className="text-right tabular-nums">{lacksPrice(group).toLocaleString("en-US")}</td>
              <td className="max-sm:hidden">{group.without_cost.no_price ? "every price" : "the price of some units"}</td>
              {mayManage && (
                <td className="w-px">
                  <div className="-my-1 flex justify-end">
                    <button type="button" className="button-quiet text-accent" aria-label={`Set price of ${group.model || "calls without a model"}`} onClick={() => onSetPrice(group)}>
                      Set price
                    </button>
                  </div>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
