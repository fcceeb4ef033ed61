import { useState, type FormEvent } from "react";
import { approveMapping } from "../api/mappers";
import type { MapperDetail, MappingChoice } from "../api/types";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";
import { Section } from "../components/Section";
import { choicesToSend, fieldsToPointAt, keyOf, settledChoices, settledPointers, type Choices } from "./choices";
import { FieldReview } from "./FieldReview";
import { nameOfField } from "./status";

interface ReviewFormProps {
  detail: MapperDetail;
  /** The version whose candidates these are. */
  version: number;
  mayManage: boolean;
}

/** What was found for each field, to be approved as it is or as it is chosen. */
export function ReviewForm({ detail, version, mayManage }: ReviewFormProps) {
  const { fields } = detail;
  const settled = settledChoices(detail);
  const [choices, setChoices] = useState<Choices>(settled);
  const [pointers, setPointers] = useState(settledPointers(detail));
  const [sent, setSent] = useState<MappingChoice[]>([]);
  const approval = useChange({
    make: (client, wanted: MappingChoice[]) => approveMapping(client, detail.mapper.id, version, wanted),
    told: (now) => `Version ${now.mapper.active_version} is in force; stored calls are read by it in the background.`,
    changes: ["mapper", "mappers"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = choicesToSend(fields, choices, pointers);
    setSent(wanted);
    approval.mutate(wanted);
  };
  const names = sent.map((_, index) => `choices[${index}]`);
  const problemOf = (field: string, streamed: boolean) => {
    const index = sent.findIndex((choice) => choice.field === field && (choice.streamed ?? false) === streamed);
    return index < 0 ? null : fieldProblem(approval.error, `choices[${index}]`);
  };
  const open = fieldsToPointAt(fields);
  return (
    <Section title="Fields" lead="Each is decided by itself. What is sure is in force already; of what waits, choose the candidate that reads what you would, or none.">
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {fields.map((found) => (
          <FieldReview
            key={keyOf(found)}
            found={found}
            choices={choices}
            isSettled={settled[keyOf(found)] !== undefined}
            problem={problemOf(found.field, found.streamed)}
            onChoose={mayManage ? (choice) => setChoices({ ...choices, [keyOf(found)]: choice }) : undefined}
          />
        ))}
        {mayManage && (
          <details className="panel px-3 py-2 sm:px-4">
            <summary className="text-[0.8125rem] font-semibold">Point at fields that nothing was found for</summary>
            <div className="grid items-start gap-3 py-3 sm:grid-cols-2 lg:grid-cols-3">
              {open.map((field) => (
                <Field
                  key={field}
                  label={nameOfField(field, false)}
                  placeholder="/answer/text"
                  value={pointers[field] ?? ""}
                  onChange={(pointer) => setPointers({ ...pointers, [field]: pointer })}
                  problem={problemOf(field, false)}
                />
              ))}
            </div>
          </details>
        )}
        <ProblemNotice error={approval.error} fields={names} />
        {mayManage && (
          <div>
            <BusyButton type="submit" className="button-primary" isBusy={approval.isPending}>
              {approval.isPending ? "Approving…" : "Approve"}
            </BusyButton>
          </div>
        )}
      </form>
    </Section>
  );
}
