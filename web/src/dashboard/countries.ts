/** The names of countries in the language of the dashboard. */
const NAMES = new Intl.DisplayNames(["en"], { type: "region" });

/** Returns what a country is called, from its two letters; what is no country stays as it is. */
export function countryName(code: string): string {
  return /^[A-Za-z]{2}$/.test(code) ? (NAMES.of(code.toUpperCase()) ?? code) : code;
}
