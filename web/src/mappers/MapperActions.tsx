import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { declineMapping, inferMapping, removeMapper } from "../api/mappers";
import type { Mapper } from "../api/types";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { ProblemNotice } from "../components/ProblemNotice";

interface MapperActionsProps {
  mapper: Mapper;
  /** The newest version; null while there is none. */
  newest: number | null;
}

/** What can be done with a mapper as a whole. */
export function MapperActions({ mapper, newest }: MapperActionsProps) {
  const [asked, setAsked] = useState<"decline" | "remove" | null>(null);
  const navigate = useNavigate();
  const inference = useChange({
    make: (client) => inferMapping(client, mapper.id),
    told: () => "A mapping is inferred of the newest calls next.",
    changes: ["mapper", "mappers"],
  });
  const declining = useChange({
    make: (client, version: number) => declineMapping(client, mapper.id, version),
    told: (_, version) => `Version ${version} is declined.`,
    changes: ["mapper", "mappers"],
  });
  const removal = useChange({
    make: (client) => removeMapper(client, mapper.id),
    told: () => `The mapper of ${mapper.host} is removed.`,
    changes: ["mappers"],
    then: () => void navigate({ to: "/mappers" }),
  });
  const close = () => setAsked(null);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <BusyButton className="button" isBusy={inference.isPending} onClick={() => inference.mutate()}>
          Infer now
        </BusyButton>
        {newest !== null && (
          <button type="button" className="button" onClick={() => setAsked("decline")}>
            Decline
          </button>
        )}
        <button type="button" className="button-danger" onClick={() => setAsked("remove")}>
          Remove
        </button>
      </div>
      <ProblemNotice error={inference.error} />
      {asked === "decline" && newest !== null && (
        <ConfirmDialog
          title={`Decline version ${newest}?`}
          action="Decline version"
          doing="Declining…"
          isPending={declining.isPending}
          error={declining.error}
          onConfirm={() => declining.mutate(newest, { onSuccess: close })}
          onClose={close}
        >
          <p className="text-ink-soft">
            {mapper.active_version === newest ? "It is in force: further calls are logged and not read. Those that it has read stay as they are." : "It does not come into force. The version in force, if there is one, stays."}
          </p>
        </ConfirmDialog>
      )}
      {asked === "remove" && (
        <ConfirmDialog
          title={`Remove the mapper of ${mapper.host}?`}
          action="Remove mapper"
          doing="Removing…"
          isPending={removal.isPending}
          error={removal.error}
          onConfirm={() => removal.mutate()}
          onClose={close}
        >
          <p className="text-ink-soft">All its versions are gone for good. Calls that it has read stay as they are; if more calls come, a mapper is made anew.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
