import { useId, useMemo, useState } from "react";
import type { Json } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { FigureText } from "../components/FigureText";
import { Segmented } from "../components/Segmented";
import { bytes } from "../format/numbers";
import { classifyBody, describeGap, rawText, type ReadableBody } from "./classify";
import { JsonTree } from "./JsonTree";
import { RawText } from "./RawText";
import { StreamText } from "./StreamText";

type View = "read" | "raw";

interface BodyPanelProps {
  title: "Request body" | "Response body";
  body: Json | undefined;
  state: string | null | undefined;
  sizeBytes: number | null | undefined;
}

/** One body of a request: readable or raw, with a word about what is missing. */
export function BodyPanel({ title, body, state, sizeBytes }: BodyPanelProps) {
  const headingId = useId();
  const [view, setView] = useState<View>("read");
  const readable = useMemo(() => classifyBody(body), [body]);
  const present = readable.kind !== "absent";
  const gap = describeGap(state, present, sizeBytes);
  const readableName = nameOfView(readable);
  return (
    <section aria-labelledby={headingId} className="panel flex min-w-0 flex-col">
      <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
        <h2 id={headingId} className="font-semibold">
          {title}
        </h2>
        <span className="text-xs text-ink-faint">
          <FigureText figure={bytes(sizeBytes, "the size is not known")} />
        </span>
        {present && (
          <div className="ml-auto flex items-center gap-1">
            <CopyButton label={`Copy ${title.toLowerCase()}`} caption="Copy" text={() => rawText(readable)} />
            {readableName && (
              <Segmented
                label={`View of the ${title.toLowerCase()}`}
                options={[
                  { value: "read", text: readableName },
                  { value: "raw", text: "Raw" },
                ]}
                value={view}
                onChange={setView}
              />
            )}
          </div>
        )}
      </div>
      {gap && <p className={`px-4 text-sm ${present ? "bg-warn-wash py-2 text-warn" : "py-10 text-center text-ink-soft"}`}>{gap}</p>}
      {present && (
        <div className="max-h-[75dvh] relative overflow-auto p-4" tabIndex={0} role="region" aria-label={`${title} content`}>
          {view === "raw" ? <RawText label={title} text={rawText(readable)} /> : <Readable title={title} body={readable} />}
        </div>
      )}
    </section>
  );
}

/** The name of the view besides raw, or null when raw is the only one. */
function nameOfView(body: ReadableBody): string | null {
  if (body.kind === "json") return "Tree";
  if (body.kind === "binary") return "Summary";
  return body.kind === "stream" && body.assembled ? "Text" : null;
}

function Readable({ title, body }: { title: string; body: ReadableBody }) {
  if (body.kind === "json") {
    return (
      <div className="font-mono text-xs leading-relaxed">
        <JsonTree value={body.value} />
      </div>
    );
  }
  if (body.kind === "binary") return <p className="text-ink-soft">This body is not text. Raw shows it as base64.</p>;
  if (body.kind === "stream" && body.assembled) return <StreamText stream={body.assembled} />;
  return <RawText label={title} text={rawText(body)} />;
}
