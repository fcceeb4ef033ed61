/** What went wrong with a change, and which field of its form caused it. */
export interface Problem {
  /** The API's name of the field, when the error names one. */
  field: string | null;
  text: string;
}

const ABOUT_A_FIELD = /^`([\w.[\]]+)`(?: (must be .+)|: (.+))$/s;

/** Reads an error of the API. */
export function problemOf(error: Error): Problem {
  const about = ABOUT_A_FIELD.exec(error.message);
  if (!about) return { field: null, text: error.message };
  const [, field = null, demand, problem] = about;
  return { field, text: problem ?? `this ${demand}` };
}

/** Returns what is said about one field. */
export function fieldProblem(error: Error | null, field: string): string | null {
  const problem = error && problemOf(error);
  return problem?.field === field ? problem.text : null;
}

/** Returns what is said about the whole: an error that names none of the form's own `fields`. */
export function otherProblem(error: Error | null, fields: readonly string[] = []): string | null {
  if (error === null) return null;
  const { field, text } = problemOf(error);
  return field !== null && fields.includes(field) ? null : field === null ? text : error.message;
}
