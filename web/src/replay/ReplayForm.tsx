import { useState, type FormEvent } from "react";
import type { HeliconeRequest } from "../api/types";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { changedBody } from "./replay";
import { useReplay } from "./useReplay";

interface ReplayFormProps {
  request: HeliconeRequest;
  body: string;
  /** Whether the body is one that can be sent. */
  isValid: boolean;
  /** Called when the new request is logged and shown. */
  onDone: () => void;
}

/** Takes the key that pays, and sends the request again. */
export function ReplayForm({ request, body, isValid, onDone }: ReplayFormProps) {
  const [key, setKey] = useState("");
  const replay = useReplay(request.request_id, onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    replay.mutate({ key: key.trim(), body: changedBody(body, request.request_body) });
  };
  return (
    <form className="flex flex-col gap-2" onSubmit={submit}>
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-64">
          <Field
            label="Key that pays for it"
            hint="A proxy key of the vault. Who signed in with an API key may give the provider's own key instead. It is not kept."
            type="password"
            autoComplete="new-password"
            required
            className="font-mono"
            value={key}
            onChange={setKey}
            problem={fieldProblem(replay.error, "key")}
          />
        </div>
        <button type="submit" className="button-primary mt-6" disabled={!isValid || key.trim() === "" || replay.isPending}>
          Send
        </button>
      </div>
      <p role="status" className="text-xs text-ink-soft">
        {replay.isPending && "It is sent. The new request opens as soon as it is logged."}
      </p>
      <ProblemNotice error={replay.error} fields={["key"]} />
    </form>
  );
}
