import { OutsideLink } from "./OutsideLink";
import type { Annotation } from "./types";

const SHOWN = 20;

/** What a text is based on. */
export function Citations({ annotations }: { annotations: Annotation[] }) {
  return (
    <details open={annotations.length <= SHOWN}>
      <summary className="text-xs text-ink-faint">
        {annotations.length} {annotations.length === 1 ? "source" : "sources"}
      </summary>
      <ol className="mt-1 ml-5 flex list-decimal flex-col gap-1 text-xs text-ink-soft">
        {annotations.map((annotation, index) => (
          <li key={index}>
            <OutsideLink url={annotation.url} text={annotation.title ?? annotation.url ?? annotation.type} />
            {annotation.content && (
              <q dir="auto" className="ml-1.5 text-ink-faint wrap-anywhere">
                {annotation.content.slice(0, 500)}
              </q>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
