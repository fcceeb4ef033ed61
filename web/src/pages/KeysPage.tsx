import { useState } from "react";
import type { Caller } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { ReadOnlyNote } from "../components/ReadOnlyNote";
import { usePageTitle } from "../components/usePageTitle";
import { CreateKeyDialog, type NewKey } from "../keys/CreateKeyDialog";
import { KeyList } from "../keys/KeyList";
import { NewKeyPanel } from "../keys/NewKeyPanel";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

/** The organisation's API keys. */
export function KeysPage() {
  usePageTitle("API keys");
  const caller = useCaller();
  return (
    <div className="flex flex-col gap-4">
      {caller.data === undefined || !mayManage(caller.data) ? <h1 className="text-lg font-semibold tracking-tight">API keys</h1> : <Keys caller={caller.data} />}
      <QueryState what="Your permissions" query={caller} />
      {caller.data && !mayManage(caller.data) && <ReadOnlyNote caller={caller.data} what="see and change the keys of your organisation" />}
    </div>
  );
}

function Keys({ caller }: { caller: Caller }) {
  const [isCreating, setIsCreating] = useState(false);
  const [created, setCreated] = useState<NewKey | null>(null);
  const show = (key: NewKey) => {
    setIsCreating(false);
    setCreated(key);
  };
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">API keys</h1>
        <p className="text-ink-soft wrap-anywhere">of {caller.name}</p>
        <button type="button" className="button-primary ml-auto" onClick={() => setIsCreating(true)}>
          <Icon name="plus" />
          Create key
        </button>
      </div>
      {created && <NewKeyPanel key={created.key} created={created} onDone={() => setCreated(null)} />}
      <KeyList caller={caller} onCreate={() => setIsCreating(true)} onRevoked={({ id }) => setCreated((shown) => (shown?.id === id ? null : shown))} />
      {isCreating && <CreateKeyDialog onCreated={show} onClose={() => setIsCreating(false)} />}
    </>
  );
}
