/** A property and the value it must have. */
export interface WantedProperty {
  key: string;
  value: string;
}

/** Reads `key=value`; the value may contain `=`, the key may not. Returns null when either is empty. */
export function parseProperty(text: string): WantedProperty | null {
  const at = text.indexOf("=");
  if (at < 0) return null;
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  return key && value ? { key, value } : null;
}
