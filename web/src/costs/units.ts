/** What a price is for. The names are the API's, in the order of price lists. */
export interface PriceUnit {
  name: string;
  text: string;
  /** What one price is paid for. */
  per: string;
}

const TOKENS = "per million tokens";
const SECONDS = "per second";

const unit = (name: string, text: string, per: string): PriceUnit => ({ name, text, per });

/** The units that most models have. */
export const USUAL_UNITS: readonly PriceUnit[] = [
  unit("input", "Input", TOKENS),
  unit("output", "Output", TOKENS),
  unit("cache_read", "Read from cache", TOKENS),
  unit("cache_write", "Written to cache", TOKENS),
];

export const FURTHER_UNITS: readonly PriceUnit[] = [
  unit("request", "Call", "per call"),
  unit("cache_write_1h", "Written to cache for an hour", TOKENS),
  unit("reasoning", "Reasoning", TOKENS),
  unit("input_audio", "Audio in", TOKENS),
  unit("cache_read_audio", "Audio read from cache", TOKENS),
  unit("output_audio", "Audio out", TOKENS),
  unit("input_image", "Image in", TOKENS),
  unit("cache_read_image", "Image read from cache", TOKENS),
  unit("output_image", "Image out", TOKENS),
  unit("input_video", "Video in", TOKENS),
  unit("citation", "Citations", TOKENS),
  unit("images", "Images made", "per image"),
  unit("input_audio_ms", "Sound heard", SECONDS),
  unit("output_audio_ms", "Sound made", SECONDS),
  unit("output_video_ms", "Film made", SECONDS),
  unit("characters", "Characters", "per character"),
  unit("search_units", "Search units", "per unit"),
  unit("web_searches", "Web searches", "per search"),
  unit("pages", "Pages read", "per page"),
];

const ALL_UNITS = [...USUAL_UNITS, ...FURTHER_UNITS];
export const UNIT_NAMES: readonly string[] = ALL_UNITS.map(({ name }) => name);

/** Returns what is known of a unit; one that is not known here keeps the API's name. */
export function unitOf(name: string): PriceUnit {
  return ALL_UNITS.find((known) => known.name === name) ?? unit(name, name.replaceAll("_", " "), "");
}

/** Says prices in a line: "Input $0.50, Output $1.50 per million tokens". */
export function describePrices(prices: Readonly<Record<string, string>>): string {
  const named = Object.entries(prices).map(([name, price]) => ({ ...unitOf(name), price }));
  const order = (name: string) => UNIT_NAMES.indexOf(name);
  named.sort((left, right) => order(left.name) - order(right.name));
  const pers = [...new Set(named.map(({ per }) => per))];
  return pers
    .map((per) => {
      const alike = named.filter((one) => one.per === per).map(({ text, price }) => `${text} $${price}`);
      return `${alike.join(", ")} ${per}`.trim();
    })
    .join("; ");
}
