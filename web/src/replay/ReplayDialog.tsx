import { useState } from "react";
import type { HeliconeRequest } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { Dialog } from "../components/Dialog";
import { SelectField } from "../components/SelectField";
import { Snippet } from "../components/Snippet";
import { GatewayField } from "./GatewayField";
import { ReplayForm } from "./ReplayForm";
import { useGateway } from "./gateway";
import { bodyTextOf, checkBody, replayCommand, type ReplayKey } from "./replay";

interface ReplayDialogProps {
  request: HeliconeRequest;
  onClose: () => void;
}

const KEYS = [
  { value: "provider", text: "The provider's key and a Gatehouse key" },
  { value: "proxy", text: "A proxy key of the vault" },
] as const;

/** Changes what was asked, and asks it again through the gateway: from here, or by a command in a terminal. */
export function ReplayDialog({ request, onClose }: ReplayDialogProps) {
  const gateway = useGateway();
  const [body, setBody] = useState(() => bodyTextOf(request.request_body));
  const [key, setKey] = useState<ReplayKey>("provider");
  const problem = checkBody(body, request.request_body);
  const command = replayCommand(request, { gateway, body, key });
  return (
    <Dialog title="Replay this request" onClose={onClose} isWide>
      <div className="flex flex-col gap-4">
        <label className="flex flex-col gap-1 text-[0.8125rem] font-medium">
          Request body
          <textarea
            className="control h-[38dvh] w-full resize-y py-2 font-mono text-xs leading-relaxed font-normal aria-invalid:border-bad"
            spellCheck={false}
            aria-invalid={problem !== null || undefined}
            aria-describedby="replay-problem"
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
          <span id="replay-problem" role="status" className="text-xs font-normal text-warn">
            {problem}
          </span>
        </label>
        <ReplayForm request={request} body={body} isValid={problem === null} onDone={onClose} />
        <details className="rounded-md border border-line px-3 py-2">
          <summary className="cursor-pointer text-[0.8125rem] font-medium">Send it from a terminal instead</summary>
          <div className="mt-3 flex flex-col gap-3">
            <div className="grid gap-4 sm:grid-cols-2">
              <SelectField label="Keys" options={KEYS} value={key} onChange={setKey} />
              <GatewayField />
            </div>
            <Snippet label="replay with curl" text={command} />
            <p className="text-xs text-ink-soft">The keys are variables of your shell: this page neither sees nor keeps them.</p>
          </div>
        </details>
        <div className="flex flex-wrap justify-end gap-2">
          <CopyButton label="Copy request body" caption="Copy request body" text={() => body} />
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}
