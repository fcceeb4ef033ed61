const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const DAY: Intl.DateTimeFormatOptions = { month: "short", day: "2-digit" };

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
  const options = instant.getFullYear() === now.getFullYear() ? DAY : { ...DAY, year: "numeric" as const };
  // A line may break between day and clock only.
  const day = instant.toLocaleDateString("en-GB", options).replaceAll(" ", "\u00a0");
  return { day, clock: instant.toLocaleTimeString("en-GB", CLOCK) };
}

/** Formats an instant in full, with milliseconds and the zone's offset. */
export function formatFullInstant(iso: string): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  const day = instant.toLocaleDateString("en-GB", { ...DAY, year: "numeric" });
  const clock = instant.toLocaleTimeString("en-GB", { ...CLOCK, fractionalSecondDigits: 3, timeZoneName: "short" });
  return `${day}, ${clock.replaceAll(" ", "\u00a0")}`;
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
