import { Field } from "../components/Field";
import { SelectField } from "../components/SelectField";
import { policyOf, type PolicyDraft } from "./draft";
import { describePolicy, policyProblems, policyText } from "./policy";

const UNITS = [
  { value: "calls", text: "calls" },
  { value: "dollars", text: "US dollars" },
  { value: "tokens", text: "tokens" },
] as const;

const SPANS = [
  { value: "minutes", text: "minutes" },
  { value: "hours", text: "hours" },
  { value: "days", text: "days" },
] as const;

const SEGMENTS = [
  { value: "all", text: "all calls together" },
  { value: "user", text: "each user" },
  { value: "property", text: "each value of a property" },
] as const;

interface PolicyFieldsProps {
  draft: PolicyDraft;
  onChange: (draft: PolicyDraft) => void;
}

/** How much, in which time, and for whom; below, the policy in words and as it is written. */
export function PolicyFields({ draft, onChange }: PolicyFieldsProps) {
  const change = (part: Partial<PolicyDraft>) => onChange({ ...draft, ...part });
  const policy = policyOf(draft);
  const problems = policyProblems(policy);
  const isWhole = Object.keys(problems).length === 0;
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 items-start gap-3">
        <Field label="At most" type="number" min={0} step="any" required value={draft.quota} onChange={(quota) => change({ quota })} problem={problems.quota ?? null} />
        <SelectField label="Of" options={UNITS} value={draft.unit} onChange={(unit) => change({ unit })} />
        <Field label="In" type="number" min={0} step="any" required value={draft.window} onChange={(window) => change({ window })} problem={problems.window ?? null} />
        <SelectField label="Unit of time" options={SPANS} value={draft.span} onChange={(span) => change({ span })} />
        <SelectField label="Counted for" options={SEGMENTS} value={draft.segment} onChange={(segment) => change({ segment })} />
        {draft.segment === "property" && (
          <Field
            label="Property"
            placeholder="plan"
            required
            autoCapitalize="none"
            value={draft.property}
            onChange={(property) => change({ property })}
            problem={draft.property === "" ? null : (problems.property ?? null)}
          />
        )}
      </div>
      {isWhole && (
        <p className="rounded-md bg-raised px-3 py-2 text-[0.8125rem]" aria-live="polite">
          {describePolicy(policy)}: <code className="font-mono">{policyText(policy)}</code>
        </p>
      )}
    </div>
  );
}
