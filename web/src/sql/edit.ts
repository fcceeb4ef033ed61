/** A text and what of it is selected. */
export interface Edited {
  text: string;
  start: number;
  end: number;
}

const INDENT = "  ";

/** Puts `inserted` in place of the selection and the cursor behind it. */
export function insert({ text, start, end }: Edited, inserted: string): Edited {
  const at = start + inserted.length;
  return { text: text.slice(0, start) + inserted + text.slice(end), start: at, end: at };
}

/** Begins a new line that is indented as the one before. */
export function breakLine(edited: Edited): Edited {
  const line = edited.text.slice(edited.text.lastIndexOf("\n", edited.start - 1) + 1, edited.start);
  return insert(edited, `\n${/^ */.exec(line)?.[0] ?? ""}`);
}

/** Indents every line of the selection, or takes their indentation back. */
export function indent({ text, start, end }: Edited, isBack: boolean): Edited {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const lines = text.slice(from, end).split("\n");
  const changed = lines.map((line) => (isBack ? line.replace(/^ {1,2}/, "") : INDENT + line));
  const first = (changed[0]?.length ?? 0) - (lines[0]?.length ?? 0);
  const joined = changed.join("\n");
  return { text: text.slice(0, from) + joined + text.slice(end), start: Math.max(from, start + first), end: from + joined.length };
}
