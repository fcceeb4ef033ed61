import { cssColour, type ChartColour } from "./colours";
import { sparkPath } from "./spark";
import type { Values } from "./stack";

const WIDTH = 100;
const HEIGHT = 24;

interface SparklineProps {
  values: Values;
  colour?: ChartColour;
}

/** The course of a figure, for the eye only: the figure itself stands beside it. */
export function Sparkline({ values, colour = "idle" }: SparklineProps) {
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="block h-6 w-full" aria-hidden="true">
      <path d={sparkPath(values, WIDTH, HEIGHT)} fill="none" stroke={cssColour(colour)} strokeWidth="1.5" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
