import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listPriceOverrides } from "../api/costs";
import type { PriceOverride } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { Section } from "../components/Section";
import { useClient } from "../session/ClientContext";
import { describeConditions } from "./draft";
import { RemovePriceDialog } from "./RemovePriceDialog";
import { describePrices } from "./units";

interface PricesProps {
  mayManage: boolean;
  onAdd: () => void;
  onEdit: (price: PriceOverride) => void;
}

/** The prices that the organisation set. */
export function Prices({ mayManage, onAdd, onEdit }: PricesProps) {
  const client = useClient();
  const [removed, setRemoved] = useState<PriceOverride | null>(null);
  const query = useQuery({ queryKey: ["price-overrides"], queryFn: ({ signal }) => listPriceOverrides(client, signal) });
  const prices = query.data ?? [];
  return (
    <Section
      title="Prices of your own"
      lead="What you agreed with a provider, or what nobody else knows. They come before the server's price file and the built-in price book."
      action={
        mayManage && (
          <button type="button" className="button" onClick={onAdd}>
            <Icon name="plus" />
            Add price
          </button>
        )
      }
    >
      <QueryState what="The prices" query={query} />
      {query.data?.length === 0 && <p className="panel px-4 py-3 text-ink-soft">None is set: calls are priced by the price file and the built-in book.</p>}
      {prices.length > 0 && (
        <div className="panel overflow-x-auto">
          <table className="list-table">
            <caption className="sr-only">Prices that the organisation set, oldest first</caption>
            <thead>
              <tr>
                <th scope="col">Models</th>
                <th scope="col" className="max-md:hidden">
                  Prices
                </th>
                <th scope="col" className="max-md:hidden">
                  Holds
                </th>
                {mayManage && (
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {prices.map((price) => (
                <PriceRow key={price.id} price={price} mayManage={mayManage} onEdit={onEdit} onRemove={setRemoved} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {removed && <RemovePriceDialog price={removed} onClose={() => setRemoved(null)} />}
    </Section>
  );
}

interface PriceRowProps {
  price: PriceOverride;
  mayManage: boolean;
  onEdit: (price: PriceOverride) => void;
  onRemove: (price: PriceOverride) => void;
}

/** One price. On narrow screens all of it stands in the first cell. */
function PriceRow({ price, mayManage, onEdit, onRemove }: PriceRowProps) {
  const name = price.models.join(", ");
  const prices = describePrices(price.prices);
  const conditions = describeConditions(price).join(", ") || "always";
  return (
    <tr data-price={name}>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !whitespace-normal text-ink">
        <span className="wrap-anywhere">{name}</span>
        <span className="block text-xs font-normal text-ink-soft wrap-anywhere">{price.provider}</span>
        <span className="block text-xs font-normal text-ink-soft md:hidden">{prices}</span>
        <span className="block text-xs font-normal text-ink-soft md:hidden">{conditions}</span>
      </th>
      <td className="max-md:hidden">{prices}</td>
      <td className="text-ink-soft max-md:hidden">{conditions}</td>
      {mayManage && (
        <td className="w-px">
          <div className="-my-1 flex flex-wrap justify-end gap-x-1 sm:flex-nowrap">
            <button type="button" className="button-quiet" aria-label={`Edit the price of ${name}`} onClick={() => onEdit(price)}>
              Edit
            </button>
            <button type="button" className="button-quiet text-bad hover:text-bad" aria-label={`Remove the price of ${name}`} onClick={() => onRemove(price)}>
              Remove
            </button>
          </div>
        </td>
      )}
    </tr>
  );
}
