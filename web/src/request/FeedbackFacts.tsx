import { useState, type FormEvent } from "react";
import { useChange } from "../announce/useChange";
import { rateRequest, scoreRequest } from "../api/requests";
import type { HeliconeRequest } from "../api/types";
import { Icon } from "../components/Icon";
import { ProblemNotice } from "../components/ProblemNotice";
import { mayWrite } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { FactList } from "./FactList";
import { Facts } from "./Facts";
import { parseScore, scoresOf } from "./scores";

interface FeedbackFactsProps {
  request: HeliconeRequest;
}

/** What people and programs thought of the answer, and a way to add to it. */
export function FeedbackFacts({ request }: FeedbackFactsProps) {
  const caller = useCaller();
  const mayChange = caller.data !== undefined && mayWrite(caller.data);
  const scores = scoresOf(request);
  return (
    <Facts title="Feedback and scores">
      <div className="flex flex-col gap-2">
        <Rating request={request} mayChange={mayChange} />
        {scores.length > 0 && <FactList facts={scores} />}
        {mayChange && <AddScore requestId={request.request_id} />}
      </div>
    </Facts>
  );
}

function Rating({ request, mayChange }: FeedbackFactsProps & { mayChange: boolean }) {
  const rate = useChange<boolean, void>({
    make: (client, rating) => rateRequest(client, request.request_id, rating),
    told: (_, rating) => (rating ? "Rated as good" : "Rated as bad"),
    changes: ["request"],
  });
  const given = request.feedback_rating;
  if (!mayChange) return <p className="text-[0.8125rem] text-ink-soft">{given === null || given === undefined ? "Not rated" : given ? "Rated as good" : "Rated as bad"}</p>;
  return (
    <>
      <div role="group" aria-label="Rating of the answer" className="flex gap-1.5">
        <button type="button" className="button aria-pressed:border-good aria-pressed:text-good" aria-pressed={given === true} onClick={() => rate.mutate(true)}>
          <Icon name="thumb" />
          Good
        </button>
        <button type="button" className="button aria-pressed:border-bad aria-pressed:text-bad" aria-pressed={given === false} onClick={() => rate.mutate(false)}>
          <Icon name="thumbDown" />
          Bad
        </button>
      </div>
      <ProblemNotice error={rate.error} />
    </>
  );
}

function AddScore({ requestId }: { requestId: string }) {
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const value = parseScore(typed);
  const add = useChange<{ name: string; value: number | boolean }, void>({
    make: (client, score) => scoreRequest(client, requestId, { [score.name]: score.value }),
    told: (_, score) => `The score “${score.name}” is kept`,
    changes: ["request"],
    then: () => {
      setName("");
      setTyped("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && value !== null) add.mutate({ name: name.trim(), value });
  };
  return (
    <form className="flex flex-wrap gap-1.5" onSubmit={submit}>
      <input className="control min-w-0 flex-1 basis-24" aria-label="Name of the score" placeholder="score" autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      <input
        className="control w-28 min-w-0"
        aria-label="Value of the score: a number, or true or false"
        placeholder="0.9 or true"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="button" disabled={!name.trim() || value === null || add.isPending}>
        Add
      </button>
      <ProblemNotice error={add.error} />
    </form>
  );
}
