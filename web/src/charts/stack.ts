/** Values as a chart draws them. */

export type Values = readonly (number | null)[];

/** Returns each series with those below it added; unknown values add nothing, and where all are unknown there is a gap. */
export function stack(series: readonly Values[]): (number | null)[][] {
  const sums: (number | null)[] = [];
  return series.map((values) =>
    values.map((value, index) => {
      const below = sums[index] ?? null;
      const sum = value === null ? below : (below ?? 0) + value;
      sums[index] = sum;
      return sum;
    }),
  );
}

/** Returns the indices of values that have no known neighbour: a line would not show them. */
export function lonely(values: Values): number[] {
  const known = (index: number) => (values[index] ?? null) !== null;
  return values.flatMap((_, index) => (known(index) && !known(index - 1) && !known(index + 1) ? [index] : []));
}

/** Returns the sum of the known values, null when none is. */
export function sumOf(values: Values): number | null {
  return values.reduce<number | null>((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);
}
