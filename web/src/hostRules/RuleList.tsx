import { useId, useState, type FormEvent } from "react";
import { createHostRule, removeHostRule, type Effect } from "../api/control";
import type { HostRule } from "../api/types";
import { useChange } from "../announce/useChange";
import { BusyButton } from "../components/BusyButton";
import { Field } from "../components/Field";
import { Icon } from "../components/Icon";
import { fieldProblem } from "../components/problem";
import { ProblemNotice } from "../components/ProblemNotice";

const LISTS: Record<Effect, { title: string; meaning: string; empty: string; label: string }> = {
  allow: {
    title: "Allowed hosts",
    meaning: "With a host in this list, calls may go to hosts in this list and nowhere else.",
    empty: "The list is empty, so all hosts are allowed. The first host you add shuts out all others, providers too.",
    label: "Host to allow",
  },
  deny: {
    title: "Denied hosts",
    meaning: "Calls to a host in this list are refused, whatever else allows or approves it.",
    empty: "No host is denied.",
    label: "Host to deny",
  },
};

interface RuleListProps {
  effect: Effect;
  /** The rules of both lists. */
  rules: HostRule[];
  mayManage: boolean;
}

/** One of the two lists. */
export function RuleList({ effect, rules, mayManage }: RuleListProps) {
  const id = useId();
  const { title, meaning, empty } = LISTS[effect];
  const listed = rules.filter((rule) => rule.effect === effect);
  return (
    <section aria-labelledby={id} className="panel flex flex-col gap-3 p-3 sm:p-4">
      <div>
        <h3 id={id} className="text-[0.8125rem] font-semibold">
          {title}
        </h3>
        <p className="text-[0.8125rem] text-ink-soft">{meaning}</p>
      </div>
      {listed.length === 0 && <p className="rounded-md bg-raised px-3 py-2 text-[0.8125rem] text-ink-soft">{empty}</p>}
      {listed.length > 0 && (
        <ul className="flex flex-col">
          {listed.map((rule) => (
            <RuleItem key={rule.id} rule={rule} mayManage={mayManage} />
          ))}
        </ul>
      )}
      {mayManage && <AddRule effect={effect} />}
    </section>
  );
}

interface RuleItemProps {
  rule: HostRule;
  mayManage: boolean;
}

function RuleItem({ rule, mayManage }: RuleItemProps) {
  const removal = useChange({
    make: (client) => removeHostRule(client, rule.id),
    told: () => `${rule.pattern} is no longer in the list.`,
    changes: ["host-rules"],
  });
  return (
    <li className="flex flex-col gap-1 border-line py-1 not-first:border-t">
      <div className="flex items-center justify-between gap-2">
        <code className="font-mono text-[0.8125rem] wrap-anywhere">{rule.pattern}</code>
        {mayManage && (
          <BusyButton className="button-quiet" aria-label={`Remove ${rule.pattern}`} title="Remove" isBusy={removal.isPending} onClick={() => removal.mutate()}>
            <Icon name="close" />
          </BusyButton>
        )}
      </div>
      <ProblemNotice error={removal.error} />
    </li>
  );
}

function AddRule({ effect }: { effect: Effect }) {
  const [pattern, setPattern] = useState("");
  const addition = useChange({
    make: (client, wanted: string) => createHostRule(client, wanted, effect),
    told: (rule: HostRule) => `${rule.pattern} is ${effect === "allow" ? "allowed" : "denied"} now.`,
    changes: ["host-rules"],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    addition.mutate(pattern.trim(), { onSuccess: () => setPattern("") });
  };
  return (
    <form className="flex flex-col gap-2" onSubmit={submit}>
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <Field
            label={LISTS[effect].label}
            placeholder="*.example.com"
            required
            autoCapitalize="none"
            className="font-mono"
            value={pattern}
            onChange={setPattern}
            problem={fieldProblem(addition.error, "pattern")}
          />
        </div>
        <BusyButton type="submit" className="button h-9" isBusy={addition.isPending}>
          {addition.isPending ? "Adding…" : "Add"}
        </BusyButton>
      </div>
      <ProblemNotice error={addition.error} fields={["pattern"]} />
    </form>
  );
}
