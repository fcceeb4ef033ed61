import { useId } from "react";
import { Citations } from "./Citations";
import { isInstruction, roleName } from "./content";
import { File, Picture, Sound } from "./Media";
import { SaidText } from "./SaidText";
import { Returned, ToolCalls } from "./ToolCalls";
import type { Message } from "./types";

const LONG_INSTRUCTION = 600;
const USUAL_ENDS = new Set(["stop", "end_turn", "STOP", "COMPLETE", "stop_sequence", "tool_calls", "tool_use", "completed"]);

const EDGES = new Map([
  ["User", "border-accent"],
  ["Assistant", "border-json-key"],
  ["Tool", "border-warn"],
  ["Tool result", "border-warn"],
]);

interface MessageCardProps {
  message: Message;
  /** Stands before the role: "Answer 2 of 3". */
  label?: string | undefined;
}

/** One message: who said it, what was thought, said, shown and called. */
export function MessageCard({ message, label }: MessageCardProps) {
  const headingId = useId();
  const role = roleName(message);
  const edge = EDGES.get(role) ?? "border-line-strong";
  const ended = message.finish_reason && !USUAL_ENDS.has(message.finish_reason) ? message.finish_reason : null;
  return (
    <li aria-labelledby={headingId} className={`flex min-w-0 flex-col gap-2 border-l-2 pl-3 ${edge}`}>
      <h3 id={headingId} className="flex flex-wrap items-baseline gap-x-2 text-xs font-semibold text-ink-soft">
        <span className="wrap-anywhere">{role}</span>
        {label && <span className="font-normal text-ink-faint">{label}</span>}
        {message.name && <span className="font-mono font-normal text-ink-faint wrap-anywhere">{message.name}</span>}
        {message.timestamp && <span className="font-normal text-ink-faint">{message.timestamp}</span>}
      </h3>
      {message.reasoning && (
        <details>
          <summary className="text-xs text-ink-faint">Reasoning</summary>
          <div className="mt-1 border-l border-line pl-3 text-ink-soft">
            <SaidText text={message.reasoning} />
          </div>
        </details>
      )}
      {isInstruction(message) && lengthOf(message) > LONG_INSTRUCTION ? (
        <details>
          <summary className="text-ink-soft">{lengthOf(message).toLocaleString("en-US")} characters of instructions</summary>
          <Body message={message} />
        </details>
      ) : (
        <Body message={message} />
      )}
      {ended && (
        <p className="text-xs text-warn">
          Ended with: <span className="font-mono">{ended}</span>
        </p>
      )}
    </li>
  );
}

/** What a message, or a part of one, shows. */
function Body({ message }: { message: Message }) {
  const { _type: kind, tool_calls: calls = [], annotations = [], contentArray: parts = [] } = message;
  return (
    <div className="flex min-w-0 flex-col items-start gap-2 *:max-w-full">
      {kind === "function" && (
        <p className="font-mono text-xs text-ink-faint wrap-anywhere">
          {message.type === "error" ? "failed" : "returned"} {message.name} {message.tool_call_id}
        </p>
      )}
      {kind === "image" && <Picture message={message} />}
      {kind === "audio" && <Sound message={message} />}
      {kind === "file" && <File message={message} />}
      <Text message={message} />
      {parts.map((part, index) => (
        <Body key={index} message={part} />
      ))}
      {calls.length > 0 && <ToolCalls calls={calls} />}
      {annotations.length > 0 && <Citations annotations={annotations} />}
    </div>
  );
}

/** The text of a message: that of a refusal, of code and of what nobody knows is marked. */
function Text({ message }: { message: Message }) {
  const { _type: kind, content, type } = message;
  if (!content) return null;
  if (kind === "function") return <Returned text={content} />;
  if (kind !== "message" || type === undefined) return <SaidText text={content} />;
  return (
    <div>
      <p className="text-xs text-ink-faint">{type}</p>
      {type === "refusal" ? <SaidText text={content} /> : <Code text={content} />}
    </div>
  );
}

function Code({ text }: { text: string }) {
  return (
    <div className="rounded-md bg-raised p-2.5 font-mono text-xs">
      <SaidText text={text} limit={4000} />
    </div>
  );
}

/** How many characters a message and its parts have. */
function lengthOf(message: Message): number {
  return (message.contentArray ?? []).reduce((length, part) => length + lengthOf(part), message.content?.length ?? 0);
}
