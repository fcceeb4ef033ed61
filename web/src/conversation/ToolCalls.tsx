import type { Json } from "../api/types";
import { JsonTree } from "../body/JsonTree";
import { structured } from "./content";
import { SaidText } from "./SaidText";
import type { Tool, ToolCall } from "./types";

/** Calls that the model asks for, each with its arguments. */
export function ToolCalls({ calls }: { calls: ToolCall[] }) {
  return calls.map((call, index) => (
    <section key={`${index} ${call.id ?? ""}`} aria-label={`Tool call ${call.name}`} className="rounded-md border border-line bg-raised p-2.5">
      <p className="flex flex-wrap gap-x-2 font-mono text-xs">
        <span className="text-ink-faint">calls</span>
        <span className="font-semibold text-json-key wrap-anywhere">{call.name}</span>
        {call.id && <span className="text-ink-faint wrap-anywhere">{call.id}</span>}
      </p>
      <Value value={call.arguments} />
    </section>
  ));
}

/** What a tool returned. */
export function Returned({ text }: { text: string }) {
  const value = structured(text);
  return value === null ? <SaidText text={text} limit={4000} /> : <Value value={value} />;
}

function Value({ value }: { value: Json }) {
  if (typeof value === "string") return <SaidText text={value} limit={4000} />;
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (isEmpty) return <p className="font-mono text-xs text-ink-faint">no arguments</p>;
  return (
    <div className="mt-1 font-mono text-xs leading-relaxed">
      <JsonTree value={value} />
    </div>
  );
}

/** The tools that the model could have called. */
export function Tools({ tools }: { tools: Tool[] }) {
  return (
    <details>
      <summary className="text-ink-soft">
        {tools.length} {tools.length === 1 ? "tool" : "tools"}: <span className="font-mono text-xs wrap-anywhere">{tools.slice(0, 8).map((tool) => tool.name).join(", ")}</span>
        {tools.length > 8 && " …"}
      </summary>
      <ul className="mt-2 flex flex-col gap-2 border-l border-line pl-3">
        {tools.map((tool, index) => (
          <li key={`${index} ${tool.name}`}>
            <span className="font-mono text-xs font-semibold text-json-key wrap-anywhere">{tool.name}</span>
            {tool.description && <SaidText text={tool.description} limit={400} />}
            {tool.parameters !== undefined && (
              <div className="font-mono text-xs leading-relaxed">
                <JsonTree name="parameters" value={tool.parameters} depth={4} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
