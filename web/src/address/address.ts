/**
 * The part of the address bar after `?`: plain `name=value` pairs that people can read and edit.
 * Every page takes from it what it knows and leaves the rest alone, so that an old link still opens.
 */

/** Several pairs of one name are a list. */
export type Address = { [name: string]: string | string[] | undefined };

/** Reads the part of a URL from `?` on. */
export function parseAddress(text: string): Address {
  const address: Address = {};
  const parameters = new URLSearchParams(text);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name).filter((value) => value.trim() !== "");
    if (values.length > 1) address[name] = values;
    else if (values[0] !== undefined) address[name] = values[0];
  }
  return address;
}

/** Writes it as the part of a URL from `?` on; empty when nothing is set. */
export function formatAddress(address: Address): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(address)) {
    for (const one of listOf(value)) if (one !== "") parameters.append(name, one);
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

/** Returns the values of a name, of which there may be none. */
export function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Returns the first value of a name. */
export function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
