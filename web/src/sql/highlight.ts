/** What a piece of SQL is, for its colour. */
export type TokenKind = "keyword" | "function" | "string" | "number" | "comment" | "name" | "plain";

export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  (
    "select from where and or not in is null like ilike between exists case when then else end as on using join inner left right full outer cross group by having order asc desc nulls first last " +
    "limit offset distinct all union intersect except with over partition rows range preceding following current row unbounded filter interval cast true false values any some array map"
  ).split(" "),
);

// In this order: comments and texts first, as everything else may stand in them.
const PIECES = /(--[^\n]*|\/\*[^]*?(?:\*\/|$))|('(?:[^']|'')*(?:'|$))|("(?:[^"]|"")*(?:"|$))|(\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|([A-Za-z_]\w*)/giu;

/** Cuts SQL into pieces whose texts, one after the other, are the SQL itself. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let read = 0;
  for (const match of sql.matchAll(PIECES)) {
    if (match.index > read) tokens.push({ kind: "plain", text: sql.slice(read, match.index) });
    read = match.index + match[0].length;
    tokens.push({ kind: kindOf(match, sql.slice(read)), text: match[0] });
  }
  if (read < sql.length) tokens.push({ kind: "plain", text: sql.slice(read) });
  return tokens;
}

function kindOf([whole, comment, text, quoted, number]: RegExpMatchArray, rest: string): TokenKind {
  if (comment !== undefined) return "comment";
  if (text !== undefined) return "string";
  if (quoted !== undefined) return "name";
  if (number !== undefined) return "number";
  if (KEYWORDS.has(whole.toLowerCase())) return "keyword";
  return /^\s*\(/.test(rest) ? "function" : "plain";
}
