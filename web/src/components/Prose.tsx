interface ProseProps {
  /** Plain text; what stands between backticks is code. */
  text: string;
}

/** A sentence of the API: it begins with a capital, and names and values stand out. */
export function Prose({ text }: ProseProps) {
  return text.split("`").map((part, index) => {
    if (index % 2 === 1) {
      return (
        <code key={`${index} ${part}`} className="font-mono wrap-anywhere">
          {part}
        </code>
      );
    }
    return index === 0 ? part.charAt(0).toUpperCase() + part.slice(1) : part;
  });
}
