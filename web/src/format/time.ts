const WITH_SECONDS: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const MONTH_AND_DAY: Intl.DateTimeFormatOptions = { month: "short", day: "2-digit" };
// To make a format takes longer than to use it a hundred times.
const CLOCK = new Intl.DateTimeFormat("en-GB", WITH_SECONDS);
const FULL_CLOCK = new Intl.DateTimeFormat("en-GB", { ...WITH_SECONDS, fractionalSecondDigits: 3, timeZoneName: "short" });
const DAY = new Intl.DateTimeFormat("en-GB", MONTH_AND_DAY);
const DAY_AND_YEAR = new Intl.DateTimeFormat("en-GB", { ...MONTH_AND_DAY, year: "numeric" });

/** Formats an instant for a row: the clock alone for today, with the day otherwise. Local time. */
export function formatInstant(iso: string, now: Date): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  const { day, clock } = dayAndClock(iso, now);
  return instant.toDateString() === now.toDateString() ? clock : `${day} ${clock}`;
}

/** Formats the two parts of an instant, the day with its year where that is not this one. Local time. */
export function dayAndClock(iso: string, now = new Date()): { day: string; clock: string } {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return { day: "", clock: iso };
  const format = instant.getFullYear() === now.getFullYear() ? DAY : DAY_AND_YEAR;
  // A line may break between day and clock only.
  return { day: format.format(instant).replaceAll(" ", "\u00a0"), clock: CLOCK.format(instant) };
}

/** Formats an instant in full, with milliseconds and the zone's offset. */
export function formatFullInstant(iso: string): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  return `${DAY_AND_YEAR.format(instant)}, ${FULL_CLOCK.format(instant).replaceAll(" ", "\u00a0")}`;
}

/** Returns an instant as a `datetime-local` input wants it: local time, to the minute. */
export function toLocalInput(iso: string | undefined): string {
  if (!iso) return "";
  const instant = new Date(iso);
  const local = new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Reads a `datetime-local` input as an ISO instant; undefined when it is empty or incomplete. */
export function fromLocalInput(value: string): string | undefined {
  const instant = new Date(value);
  return value && !Number.isNaN(instant.getTime()) ? instant.toISOString() : undefined;
}
