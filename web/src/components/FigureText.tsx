import type { Figure } from "../format/unknown";

interface FigureTextProps {
  figure: Figure;
}

/** A figure, or a dash that says why there is none. */
export function FigureText({ figure }: FigureTextProps) {
  if (figure.known) return <span className="tabular-nums">{figure.text}</span>;
  return (
    <span className="cursor-help text-ink-faint" title={figure.reason}>
      <span aria-hidden="true">—</span>
      <span className="sr-only">unknown: {figure.reason}</span>
    </span>
  );
}
