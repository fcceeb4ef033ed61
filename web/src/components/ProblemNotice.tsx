import { Notice } from "./Notice";
import { otherProblem } from "./problem";
import { Prose } from "./Prose";

interface ProblemNoticeProps {
  error: Error | null;
  /** The fields of the form that show their own problems. */
  fields?: readonly string[];
}

/** Says why a change was not made. */
export function ProblemNotice({ error, fields }: ProblemNoticeProps) {
  const problem = otherProblem(error, fields);
  if (problem === null) return null;
  return (
    <Notice tone="bad">
      <Prose text={problem} />
    </Notice>
  );
}
