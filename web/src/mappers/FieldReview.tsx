import { useId } from "react";
import type { MapperCandidate, MapperField } from "../api/types";
import { Badge } from "../components/Badge";
import { Field } from "../components/Field";
import { Prose } from "../components/Prose";
import type { Tone } from "../format/status";
import { choiceOf, describeMapping, keyOf, takesPointer, type Choice, type Choices } from "./choices";
import { nameOfField } from "./status";

const DECISIONS: Record<string, { tone: Tone; text: string }> = {
  active: { tone: "good", text: "Sure" },
  pending: { tone: "warn", text: "Waits for you" },
  missing: { tone: "idle", text: "Nothing found" },
};

interface FieldReviewProps {
  found: MapperField;
  choices: Choices;
  isSettled: boolean;
  /** What the API says of the choice. */
  problem: string | null;
  /** Without it there is nothing to choose, only to see. */
  onChoose: ((choice: Choice) => void) | undefined;
}

/** One field: what was found for it, with what it reads, and the choice between. */
export function FieldReview({ found, choices, isSettled, problem, onChoose }: FieldReviewProps) {
  const id = useId();
  const choice = choiceOf(found, choices);
  const decision = isSettled ? ({ tone: "good", text: "Settled by you" } as const) : (DECISIONS[found.decision] ?? { tone: "idle", text: found.decision });
  const name = nameOfField(found.field, found.streamed);
  const isOpen = found.decision === "pending" || problem !== null;
  const radio = (isChosen: boolean, chosen: Choice) => ({
    type: "radio" as const,
    name: id,
    className: "mt-0.5 size-4 shrink-0 accent-accent-fill",
    checked: isChosen,
    disabled: onChoose === undefined,
    onChange: () => onChoose?.(chosen),
  });
  return (
    <details open={isOpen} className="panel px-3 py-2 sm:px-4" data-field={keyOf(found)}>
      <summary className="text-[0.8125rem]">
        <span className="mr-3 font-semibold">{name}</span>
        <Badge tone={decision.tone}>{decision.text}</Badge>
      </summary>
      <fieldset className="flex flex-col gap-2 py-2">
        <legend className="sr-only">{name}</legend>
        {found.reason && found.decision !== "active" && (
          <p className="text-xs text-ink-soft">
            <Prose text={found.reason} />
          </p>
        )}
        {found.candidates.map((candidate, index) => (
          <label key={index} className="flex cursor-pointer gap-2.5 rounded-md border border-line px-3 py-2 text-[0.8125rem] has-checked:border-accent has-checked:bg-accent-wash">
            <input {...radio(choice.kind === "candidate" && choice.index === index, { kind: "candidate", index })} />
            <Candidate candidate={candidate} />
          </label>
        ))}
        {takesPointer(found.field) && (
          <label className="flex cursor-pointer gap-2.5 rounded-md border border-line px-3 py-2 text-[0.8125rem] has-checked:border-accent has-checked:bg-accent-wash">
            <input {...radio(choice.kind === "pointer", { kind: "pointer", pointer: "" })} />
            <span>Another place</span>
          </label>
        )}
        {choice.kind === "pointer" && onChoose && (
          <Field
            label={`Place of: ${name}`}
            hint="A JSON pointer; * stands for any element of a list, [key=value] selects one."
            placeholder="/answer/text"
            value={choice.pointer}
            onChange={(pointer) => onChoose({ kind: "pointer", pointer })}
            problem={problem}
          />
        )}
        <label className="flex cursor-pointer gap-2.5 rounded-md border border-line px-3 py-2 text-[0.8125rem] has-checked:border-accent has-checked:bg-accent-wash">
          <input {...radio(choice.kind === "nothing", { kind: "nothing" })} />
          <span>Nothing says it</span>
        </label>
        {problem && choice.kind !== "pointer" && (
          <p role="alert" className="text-xs text-bad">
            <Prose text={problem} />
          </p>
        )}
      </fieldset>
    </details>
  );
}

/** Where a candidate reads, what stands there, and what speaks for it. */
function Candidate({ candidate }: { candidate: MapperCandidate }) {
  return (
    <span className="flex min-w-0 flex-1 flex-col gap-1">
      <span className="flex flex-wrap items-baseline gap-x-3">
        {describeMapping(candidate).map(({ name, value }, index) => (
          <span key={index} className="wrap-anywhere">
            {name && name !== "path" && <span className="text-ink-soft">{name} </span>}
            <code className="font-mono font-medium">{value}</code>
          </span>
        ))}
        <span className="text-xs text-ink-soft tabular-nums">score {candidate.score.toFixed(2)}</span>
      </span>
      {candidate.examples.map((example, index) => (
        <span key={index} className="border-l-2 border-line-strong pl-2 whitespace-pre-wrap wrap-anywhere">
          <mark className="box-decoration-clone rounded-sm bg-warn-wash px-0.5 text-ink">{example === "" ? "(empty)" : example}</mark>
        </span>
      ))}
      {candidate.examples.length === 0 && <span className="text-xs text-ink-soft">It reads nothing from the first calls.</span>}
      {candidate.reasons.length > 0 && (
        <span className="text-xs text-ink-soft">
          <Prose text={candidate.reasons.join("; ")} />
        </span>
      )}
    </span>
  );
}
