import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listKeys } from "../api/control";
import type { ApiKey, Caller } from "../api/types";
import { Icon } from "../components/Icon";
import { QueryState } from "../components/QueryState";
import { useClient } from "../session/ClientContext";
import { FirstKey } from "./FirstKey";
import { KeyTable, type KeyAction } from "./KeyTable";
import { RenameKeyDialog } from "./RenameKeyDialog";
import { RevokeKeyDialog } from "./RevokeKeyDialog";
import { standingOf } from "./standing";

interface KeyListProps {
  caller: Caller;
  onCreate: () => void;
  onRevoked: (key: ApiKey) => void;
}

/** The organisation's keys, and what can be done with each. */
export function KeyList({ caller, onCreate, onRevoked }: KeyListProps) {
  const client = useClient();
  const [showsRevoked, setShowsRevoked] = useState(false);
  const [open, setOpen] = useState<{ action: KeyAction; key: ApiKey } | null>(null);
  const query = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => listKeys(client, signal) });
  if (query.data === undefined) return <QueryState what="The keys" query={query} />;
  const now = query.dataUpdatedAt;
  const revoked = query.data.filter((key) => standingOf(key, now) === "revoked").length;
  const shown = showsRevoked ? query.data : query.data.filter((key) => standingOf(key, now) !== "revoked");
  const close = () => setOpen(null);
  return (
    <>
      {query.data.length - revoked <= 1 && <FirstKey onCreate={onCreate} />}
      <QueryState what="The keys" query={query} />
      <KeyTable keys={shown} ownId={caller.key?.id ?? null} now={now} onAction={(action, key) => setOpen({ action, key })} />
      {revoked > 0 && (
        <button type="button" role="switch" aria-checked={showsRevoked} className="button w-fit aria-checked:border-accent aria-checked:text-accent" onClick={() => setShowsRevoked(!showsRevoked)}>
          {showsRevoked && <Icon name="check" />}
          Show revoked keys ({revoked})
        </button>
      )}
      {open?.action === "rename" && <RenameKeyDialog apiKey={open.key} onClose={close} />}
      {open?.action === "revoke" && <RevokeKeyDialog apiKey={open.key} isOwn={open.key.id === caller.key?.id} onRevoked={onRevoked} onClose={close} />}
    </>
  );
}
