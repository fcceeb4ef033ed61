/** Requests that came in while the list was in sight. */
import type { HeliconeRequest } from "../api/types";

/** More than this are not kept waiting: the list is read anew instead. */
export const MOST_WAITING = 500;

export interface Waiting {
  /** The newest first. */
  rows: HeliconeRequest[];
  /** Whether there were too many to keep. */
  isOver: boolean;
}

export const NOBODY: Waiting = { rows: [], isOver: false };

/** Returns those of `arrived` that are neither listed nor waiting. */
export function newOnes(arrived: readonly HeliconeRequest[], listed: ReadonlySet<string>, waiting: Waiting): HeliconeRequest[] {
  const known = new Set(waiting.rows.map((row) => row.request_id));
  return arrived.filter(({ request_id: id }) => {
    const isNew = !listed.has(id) && !known.has(id);
    known.add(id);
    return isNew;
  });
}

/** Returns the rows of `listed` with what is known anew in their place; the very same list when nothing changed. */
export function renewed(listed: HeliconeRequest[], arrived: readonly HeliconeRequest[]): HeliconeRequest[] {
  const anew = new Map(arrived.map((row) => [row.request_id, row]));
  let hasChanged = false;
  const rows = listed.map((row) => {
    const next = anew.get(row.request_id);
    if (next === undefined || JSON.stringify(next) === JSON.stringify(row)) return row;
    hasChanged = true;
    return next;
  });
  return hasChanged ? rows : listed;
}

/** Adds rows to those that wait. */
export function wait({ rows, isOver }: Waiting, arrived: readonly HeliconeRequest[]): Waiting {
  const all = [...arrived, ...rows];
  return { rows: all.slice(0, MOST_WAITING), isOver: isOver || all.length > MOST_WAITING };
}

/** Says how many wait. */
export function describeWaiting({ rows, isOver }: Waiting): string {
  return isOver ? `More than ${MOST_WAITING} new` : `${rows.length} new`;
}
