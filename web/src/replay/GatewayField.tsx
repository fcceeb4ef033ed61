import { useState, type FormEvent } from "react";
import { Field } from "../components/Field";
import { parseGateway, rememberGateway, useGateway } from "./gateway";

/** Says where the gateway is taken to be, and changes it. */
export function GatewayField() {
  const gateway = useGateway();
  const [typed, setTyped] = useState<string | null>(null);
  const problem = typed !== null && parseGateway(typed) === null ? "This must be an address that begins with http:// or https://" : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === null || problem !== null) return;
    rememberGateway(typed);
    setTyped(null);
  };
  return (
    <form className="flex flex-wrap items-end gap-2" onSubmit={submit}>
      <div className="min-w-0 flex-1 basis-64">
        <Field label="Address of the gateway" hint="A default installation listens on port 8787 of the dashboard's host. This browser remembers another one." value={typed ?? gateway} problem={problem} onChange={setTyped} />
      </div>
      {typed !== null && typed !== gateway && (
        <button type="submit" className="button mb-5" disabled={problem !== null}>
          Use it
        </button>
      )}
    </form>
  );
}
