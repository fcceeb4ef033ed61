import { useLayoutEffect, useMemo, useRef, type KeyboardEvent, type Ref } from "react";
import { breakLine, indent, type Edited } from "./edit";
import { tokensOf, type TokenKind } from "./highlight";

const COLOURS: Record<TokenKind, string> = {
  keyword: "text-json-key font-semibold",
  function: "text-accent",
  string: "text-json-string",
  number: "text-json-number",
  comment: "text-ink-faint italic",
  name: "text-json-key",
  plain: "",
};

/** Text and colours lie exactly over each other. */
const LAYER = "m-0 min-h-full whitespace-pre p-3 font-mono text-[0.8125rem] leading-5";
const LEAST_LINES = 8;

interface SqlEditorProps {
  value: string;
  onChange: (value: string) => void;
  onRun: () => void;
  onSave: () => void;
  field: Ref<HTMLTextAreaElement>;
}

/** A field for SQL: a plain text area, with its colours under it. Tab indents; Escape, then Tab leaves it. */
export function SqlEditor({ value, onChange, onRun, onSave, field }: SqlEditorProps) {
  const tokens = useMemo(() => tokensOf(value), [value]);
  const wanted = useRef<{ element: HTMLTextAreaElement; edited: Edited } | null>(null);
  const mayLeave = useRef(false);
  const lines = Math.max(LEAST_LINES, value.split("\n").length);
  useLayoutEffect(() => {
    const { current } = wanted;
    if (current) current.element.setSelectionRange(current.edited.start, current.edited.end);
    wanted.current = null;
  });
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key === "Enter") return done(event, onRun);
    if (isCommand && event.key.toLowerCase() === "s") return done(event, onSave);
    const element = event.currentTarget;
    const edit = (edited: Edited) =>
      done(event, () => {
        wanted.current = { element, edited };
        onChange(edited.text);
      });
    const now = { text: value, start: element.selectionStart, end: element.selectionEnd };
    if (event.key === "Tab" && !mayLeave.current) edit(indent(now, event.shiftKey));
    else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) edit(breakLine(now));
    if (event.key !== "Shift") mayLeave.current = event.key === "Escape";
  };
  return (
    <div className="panel max-h-[45dvh] min-h-44 overflow-auto focus-within:border-accent">
      <div className="flex min-w-max">
        <pre aria-hidden="true" className={`${LAYER} sticky left-0 z-[1] shrink-0 border-r border-line bg-surface pr-2 pl-3 text-right text-ink-faint select-none`}>
          {Array.from({ length: lines }, (_, index) => `${index + 1}\n`)}
        </pre>
        <div className="relative min-w-0 flex-1">
          <pre aria-hidden="true" className={`${LAYER} pointer-events-none`}>
            {tokens.map(({ kind, text }, index) => (
              <span key={index} className={COLOURS[kind]}>
                {text}
              </span>
            ))}
            {"\n"}
          </pre>
          <textarea
            ref={field}
            aria-label="SQL"
            aria-describedby="sql-keys"
            className={`${LAYER} absolute inset-0 h-full w-full resize-none overflow-hidden bg-transparent text-transparent caret-ink outline-none`}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            onKeyDown={press}
            wrap="off"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            autoCorrect="off"
          />
        </div>
      </div>
    </div>
  );
}

function done(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}
