import type { AssembledStream } from "../stream/assemble";
import { Notice } from "../components/Notice";

interface StreamTextProps {
  stream: AssembledStream;
}

/** What a stream said, as one text. */
export function StreamText({ stream }: StreamTextProps) {
  const silent = !stream.text && !stream.reasoning && stream.toolCalls.length === 0;
  return (
    <div className="flex flex-col gap-3 text-sm leading-relaxed">
      {!stream.ended && <Notice tone="warn">The stored stream has no end: this is what came until then.</Notice>}
      {stream.reasoning && (
        <section aria-label="Reasoning" className="border-l-2 border-line-strong pl-3 whitespace-pre-wrap text-ink-soft wrap-anywhere">
          {stream.reasoning}
        </section>
      )}
      {stream.text && <p className="whitespace-pre-wrap wrap-anywhere">{stream.text}</p>}
      {stream.toolCalls.map((call, index) => (
        <section key={index} aria-label={`Tool call ${call.name}`} className="rounded-md bg-raised p-2.5 font-mono text-xs">
          <span className="text-json-key">{call.name}</span>
          <span className="wrap-anywhere whitespace-pre-wrap">({call.arguments})</span>
        </section>
      ))}
      {silent && <p className="text-ink-faint">The stream carried no text.</p>}
      {stream.finishReason && (
        <p className="text-xs text-ink-faint">
          Finish reason: <span className="font-mono text-ink-soft">{stream.finishReason}</span>
        </p>
      )}
    </div>
  );
}
