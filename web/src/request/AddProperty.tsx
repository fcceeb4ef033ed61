import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { setProperty } from "../api/requests";
import { ProblemNotice } from "../components/ProblemNotice";
import { mayWrite } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

interface AddPropertyProps {
  requestId: string;
}

/** Adds a property to a request, or gives one another value. */
export function AddProperty({ requestId }: AddPropertyProps) {
  const caller = useCaller();
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const add = useChange<{ key: string; value: string }, void>({
    make: (client, property) => setProperty(client, requestId, property),
    told: (_, property) => `The property “${property.key}” is set`,
    changes: ["request"],
    then: () => {
      setKey("");
      setValue("");
    },
  });
  if (caller.data === undefined || !mayWrite(caller.data)) return null;
  const isWhole = key.trim() !== "" && value.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) add.mutate({ key: key.trim(), value: value.trim() });
  };
  return (
    <form className="mt-2 flex flex-wrap gap-1.5" onSubmit={submit}>
      <input className="control min-w-0 flex-1 basis-24" aria-label="Name of the property" placeholder="property" autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} />
      <input className="control min-w-0 flex-1 basis-24" aria-label="Value of the property" placeholder="value" autoComplete="off" value={value} onChange={(event) => setValue(event.target.value)} />
      <button type="submit" className="button" disabled={!isWhole || add.isPending}>
        Set
      </button>
      <ProblemNotice error={add.error} />
    </form>
  );
}
