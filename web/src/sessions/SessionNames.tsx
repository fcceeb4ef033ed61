import type { ReactNode } from "react";
import type { SessionName } from "../api/sessions";
import { Instant } from "../components/Instant";
import { formatDuration } from "../format/numbers";

interface SessionNamesProps {
  /** None while they are not known. */
  names: readonly SessionName[] | undefined;
  /** The name whose sessions are listed; null for all. */
  chosen: string | null;
  onChoose: (name: string | null) => void;
}

/** The names that sessions have, with how many have each: a list beside the table, a field above it on narrow screens. */
export function SessionNames({ names: found, chosen, onChoose }: SessionNamesProps) {
  const names = found ?? [];
  const sessions = names.reduce((sum, { session_count: count }) => sum + count, 0);
  return (
    <>
      <select className="control w-full min-w-0 lg:hidden" aria-label="Name of the sessions" value={chosen ?? ""} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">All names</option>
        {chosen !== null && names.every(({ name }) => name !== chosen) && <option value={chosen}>{chosen}</option>}
        {names
          .filter(({ name }) => name !== "")
          .map(({ name, session_count: count }) => (
            <option key={name} value={name}>
              {name} ({count.toLocaleString("en-US")})
            </option>
          ))}
      </select>
      <ul className="panel max-h-[calc(100dvh-9rem)] overflow-y-auto p-1 max-lg:hidden" aria-label="Names of sessions" data-testid="session-names">
        <NameItem name="All names" count={found && sessions} isChosen={chosen === null} onChoose={() => onChoose(null)} />
        {names.map((item) => (
          <NameItem
            key={item.name}
            name={item.name || "without a name"}
            count={item.session_count}
            note={
              <>
                <span>
                  last <Instant iso={item.last_used} />
                </span>
                <span className="tabular-nums" title="Average latency of the calls">
                  {formatDuration(item.avg_latency)}
                </span>
              </>
            }
            isChosen={chosen === item.name}
            onChoose={item.name === "" ? undefined : () => onChoose(item.name)}
          />
        ))}
      </ul>
    </>
  );
}

interface NameItemProps {
  name: string;
  count: number | undefined;
  note?: ReactNode;
  isChosen: boolean;
  /** Those without a name cannot be asked for. */
  onChoose: (() => void) | undefined;
}

function NameItem({ name, count, note, isChosen, onChoose }: NameItemProps) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        disabled={onChoose === undefined}
        onClick={onChoose}
        className="disabled:cursor-default disabled:bg-transparent flex w-full min-w-0 flex-col rounded-md px-2.5 py-1.5 text-left text-[0.8125rem] hover:bg-raised aria-pressed:bg-accent-wash aria-pressed:text-accent"
      >
        <span className="flex w-full min-w-0 items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate font-medium" title={name}>
            {name}
          </span>
          <span className="text-xs tabular-nums">{count?.toLocaleString("en-US")}</span>
        </span>
        {note && <span className="flex w-full justify-between gap-2 text-xs whitespace-nowrap text-ink-soft">{note}</span>}
      </button>
    </li>
  );
}
