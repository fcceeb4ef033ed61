import { useQuery } from "@tanstack/react-query";
import { getCacheStats } from "../api/requests";
import { FigureText } from "../components/FigureText";
import { QueryState } from "../components/QueryState";
import { startOfRange } from "../filter/range";
import type { TimeRange } from "../filter/search";
import { useClient } from "../session/ClientContext";
import { cacheFigures } from "./figures";

interface CacheFiguresProps {
  /** Null is ever. */
  range: TimeRange | null;
}

/** What the cache did and saved, in figures. */
export function CacheFigures({ range }: CacheFiguresProps) {
  const client = useClient();
  const query = useQuery({
    queryKey: ["cache-stats", range],
    queryFn: ({ signal }) => getCacheStats(client, range && startOfRange(range, Date.now()), signal),
  });
  if (query.data === undefined) return <QueryState what="The figures" query={query} />;
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] gap-3" data-testid="cache-figures">
      {cacheFigures(query.data).map(({ name, figure, note }) => (
        <div key={name} className="panel px-4 py-3">
          <dt className="text-xs text-ink-soft">{name}</dt>
          <dd className="text-lg font-semibold tracking-tight">
            <FigureText figure={figure} />
            {note && <span className="block text-xs font-normal tracking-normal text-ink-soft">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
