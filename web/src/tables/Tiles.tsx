import { FigureText } from "../components/FigureText";
import { QueryState } from "../components/QueryState";
import type { Figure } from "../format/unknown";

export interface Tile {
  name: string;
  figure: Figure;
  /** What the figure leaves out, or is made of. */
  note?: string | null;
}

interface TilesProps {
  tiles: readonly Tile[];
  isReading?: boolean;
  /** Why there are no figures. */
  error?: Error | null;
  testId?: string;
}

/** A few figures that matter most. While they are read, their places are kept. */
export function Tiles({ tiles, isReading = false, error = null, testId }: TilesProps) {
  if (error !== null) return <QueryState what="The figures" query={{ isPending: false, error }} />;
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(min(9.5rem,45%),1fr))] gap-3" data-testid={testId} aria-busy={isReading}>
      {tiles.map(({ name, figure, note }) => (
        <div key={name} className="panel px-4 py-3">
          <dt className="text-xs text-ink-soft">{name}</dt>
          <dd className="text-lg font-semibold tracking-tight">
            {isReading ? (
              <span className="my-1.5 block h-4 w-16 rounded bg-raised">
                <span className="sr-only">is being read</span>
              </span>
            ) : (
              <>
                <FigureText figure={figure} />
                {note && <span className="block text-xs font-normal tracking-normal text-ink-soft">{note}</span>}
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
