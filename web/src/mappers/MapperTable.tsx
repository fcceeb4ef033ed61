import { Link } from "@tanstack/react-router";
import type { Mapper } from "../api/types";
import { Badge } from "../components/Badge";
import { Instant } from "../components/Instant";
import { BreakableUrl } from "../request/BreakableUrl";
import { statusOfMapping } from "./status";

interface MapperTableProps {
  mappers: Mapper[];
}

/** The mappers; each leads to what can be decided about it. */
export function MapperTable({ mappers }: MapperTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="list-table">
        <caption className="sr-only">Mappers, oldest first</caption>
        <thead>
          <tr>
            <th scope="col">API</th>
            <th scope="col">Status</th>
            <th scope="col" className="!text-right max-sm:hidden">
              Samples
            </th>
            <th scope="col" className="max-md:hidden">
              Inferred
            </th>
            <th scope="col" className="max-md:hidden">
              First seen
            </th>
          </tr>
        </thead>
        <tbody>
          {mappers.map((mapper) => (
            <MapperRow key={mapper.id} mapper={mapper} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MapperRow({ mapper }: { mapper: Mapper }) {
  const { tone, text, meaning } = statusOfMapping(mapper.status);
  return (
    <tr data-mapper={`${mapper.host}${mapper.path}`}>
      <th scope="row" className="border-t border-line !py-2 align-top !text-[0.8125rem] !font-normal !whitespace-normal">
        <Link to="/mappers/$mapperId" params={{ mapperId: mapper.id }} className="font-medium text-accent wrap-anywhere hover:underline">
          <BreakableUrl url={mapper.host} />
        </Link>
        <span className="block font-mono text-xs text-ink-soft wrap-anywhere">
          {mapper.method} <BreakableUrl url={mapper.path} />
        </span>
        <span className="block text-xs text-ink-soft sm:hidden">{mapper.sample_count} samples</span>
      </th>
      <td>
        <span className="[&>span]:!whitespace-normal">
          <Badge tone={tone}>{text}</Badge>
        </span>
        <span className="block text-xs text-ink-soft max-sm:hidden">{meaning}</span>
      </td>
      <td className="text-right tabular-nums max-sm:hidden">{mapper.sample_count}</td>
      <td className="whitespace-nowrap text-ink-soft max-md:hidden">{mapper.inferred_at === null ? "not yet" : <Instant iso={mapper.inferred_at} />}</td>
      <td className="whitespace-nowrap text-ink-soft max-md:hidden">
        <Instant iso={mapper.created_at} />
      </td>
    </tr>
  );
}
