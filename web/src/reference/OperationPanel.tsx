import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { BusyButton } from "../components/BusyButton";
import { Prose } from "../components/Prose";
import { Snippet } from "../components/Snippet";
import type { ApiClient } from "../api/client";
import { useClient } from "../session/ClientContext";
import { addressOf, type Operation } from "./operations";

interface Answer {
  status: number;
  milliseconds: number;
  text: string;
}

/** Most characters of an answer that are shown. */
const SHOWN = 20_000;

/** One operation, and a form that makes it. */
export function OperationPanel({ operation }: { operation: Operation }) {
  const id = useId();
  const client = useClient();
  const [given, setGiven] = useState<Record<string, string>>({});
  const [body, setBody] = useState(operation.body ?? "");
  const call = useMutation({ mutationFn: () => make(client, operation, given, operation.body === null ? null : body), gcTime: 0 });
  return (
    <form
      className="flex flex-col gap-3 border-t border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!call.isPending) call.mutate();
      }}
    >
      {operation.description !== "" && <p className="max-w-3xl whitespace-pre-line text-ink-soft"><Prose text={operation.description} /></p>}
      {operation.parameters.map((parameter) => (
        <label key={parameter.name} className="flex flex-col gap-1">
          <span>
            <code>{parameter.name}</code> <span className="text-ink-faint">{`${parameter.place}${parameter.isRequired ? ", required" : ""}`}</span>
          </span>
          <span className="text-ink-soft">
            <Prose text={parameter.description} />
          </span>
          <input
            className="control max-w-md font-mono"
            value={given[parameter.name] ?? ""}
            required={parameter.isRequired}
            onChange={(event) => setGiven({ ...given, [parameter.name]: event.target.value })}
          />
        </label>
      ))}
      {operation.body !== null && (
        <div className="flex flex-col gap-1">
          <label htmlFor={id}>Body</label>
          <textarea
            id={id}
            className="rounded-md border border-line-strong bg-surface p-2 font-mono text-xs"
            rows={Math.min(16, body.split("\n").length + 1)}
            spellCheck={false}
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </div>
      )}
      <ul className="text-ink-soft">
        {operation.answers.map(({ status, description }) => (
          <li key={status}>
            <code>{status}</code> <Prose text={description} />
          </li>
        ))}
      </ul>
      <div>
        <BusyButton type="submit" isBusy={call.isPending}>
          {`Send ${operation.method}`}
        </BusyButton>
      </div>
      <div aria-live="polite">
        {call.error && <p>The server could not be reached.</p>}
        {call.data && (
          <div className="flex flex-col gap-1">
            <p>{`${call.data.status} in ${call.data.milliseconds} ms`}</p>
            <Snippet label="answer" text={call.data.text} />
          </div>
        )}
      </div>
    </form>
  );
}

async function make(client: ApiClient, operation: Operation, given: Record<string, string>, body: string | null): Promise<Answer> {
  const begun = performance.now();
  const named = operation.parameters.filter(({ place, name }) => place === "header" && given[name]).map(({ name }) => [name, given[name] ?? ""]);
  const headers = { ...Object.fromEntries(named), ...(body === null ? {} : { "Content-Type": "application/json" }) } as Record<string, string>;
  const response = await client.make(addressOf(operation, given), { method: operation.method, headers, body });
  const text = await response.text();
  return { status: response.status, milliseconds: Math.round(performance.now() - begun), text: pretty(text).slice(0, SHOWN) };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
