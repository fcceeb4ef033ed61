import type { CostGroup } from "../api/types";
import { FigureText } from "../components/FigureText";
import { unknown } from "../format/unknown";

interface ModelNameProps {
  group: Pick<CostGroup, "model" | "provider">;
}

/** A model, and below it its provider. */
export function ModelName({ group: { model, provider } }: ModelNameProps) {
  return (
    <>
      <span className="font-medium wrap-anywhere">{model || <FigureText figure={unknown("the calls name no model")} />}</span>
      <span className="block text-xs text-ink-soft wrap-anywhere">{provider || "no known provider"}</span>
    </>
  );
}
