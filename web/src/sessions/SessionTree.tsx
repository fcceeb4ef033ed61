import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { StatusBadge } from "../components/StatusBadge";
import { modelOf } from "../format/model";
import { costOf } from "../format/money";
import { count, duration, formatDuration } from "../format/numbers";
import { formatFullInstant } from "../format/time";
import { explainTokens } from "../format/unknown";
import { RowHeading } from "../tables/RowHeading";
import { costFigure, tokenFigure, tokensOf } from "./sums";
import { foldable, linesOf, treeOf, type PathNode, type TreeLine } from "./tree";

interface SessionTreeProps {
  calls: readonly HeliconeRequest[];
}

/** The calls of a session below the paths that they name. */
export function SessionTree({ calls }: SessionTreeProps) {
  const root = useMemo(() => treeOf(calls), [calls]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const lines = linesOf(root, closed);
  const all = foldable(root);
  const fold = (path: string) => setClosed((now) => (now.has(path) ? new Set([...now].filter((other) => other !== path)) : new Set([...now, path])));
  return (
    <div className="flex flex-col gap-2">
      {all.length > 1 && (
        <div className="flex gap-1">
          <button type="button" className="button-quiet" onClick={() => setClosed(new Set())}>
            Open all
          </button>
          <button type="button" className="button-quiet" onClick={() => setClosed(new Set(all))}>
            Fold all
          </button>
        </div>
      )}
      <div className="panel overflow-x-auto">
        <table className="list-table" data-testid="session-tree">
          <caption className="sr-only">The calls of the session by path. A path's figures are of the calls at and below it.</caption>
          <thead>
            <tr>
              <th scope="col">Path and call</th>
              <th scope="col">Status</th>
              <th scope="col" className="!text-right max-sm:hidden">
                Latency
              </th>
              <th scope="col" className="!text-right max-md:hidden">
                Tokens
              </th>
              <th scope="col" className="!text-right">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (line.kind === "path" ? <PathLine key={`path ${line.key}`} line={line} onFold={fold} /> : <CallLine key={line.key} line={line} />))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const INDENT_REM = 1.1;
/** Deeper places stand no further to the right. */
const DEEPEST = 8;

const INDENTED = "flex min-w-0 items-baseline gap-1.5";

function indentBy(depth: number) {
  return { paddingLeft: `${Math.min(depth, DEEPEST) * INDENT_REM}rem` };
}

interface PathLineProps {
  line: Extract<TreeLine, { kind: "path" }>;
  onFold: (path: string) => void;
}

function PathLine({ line: { node, depth, isOpen }, onFold }: PathLineProps) {
  const { sums } = node;
  if (sums === null) return null;
  return (
    <tr className="bg-raised/60" data-path={node.path}>
      <RowHeading className="!py-2">
        <span className={INDENTED} style={indentBy(depth)}>
          <button type="button" aria-expanded={isOpen} onClick={() => onFold(node.path)} className="flex min-w-0 items-baseline gap-1.5 rounded text-left font-medium" title={node.path}>
            <span aria-hidden="true" className={`w-3 shrink-0 text-center text-[0.625rem] text-ink-faint transition-transform ${isOpen ? "rotate-90" : ""}`}>
              ▶
            </span>
            <span className="wrap-anywhere">{node.name}</span>
          </button>
          <span className="text-xs font-normal whitespace-nowrap text-ink-faint">{callCount(node)}</span>
        </span>
      </RowHeading>
      <td className="whitespace-nowrap">{sums.failed > 0 ? <span className="font-medium text-bad">{sums.failed} failed</span> : <span className="text-ink-faint">all well</span>}</td>
      <td className="text-right whitespace-nowrap tabular-nums max-sm:hidden" title="From the beginning of the first call to the end of the last one">
        {formatDuration(sums.endMs - sums.startMs)}
      </td>
      <td className="text-right tabular-nums max-md:hidden">
        <FigureText figure={tokenFigure(sums)} />
      </td>
      <td className="text-right whitespace-nowrap tabular-nums">
        <FigureText figure={costFigure(sums)} />
      </td>
    </tr>
  );
}

function callCount({ sums }: PathNode): string {
  const calls = sums?.requests ?? 0;
  return calls === 1 ? "1 call" : `${calls.toLocaleString("en-US")} calls`;
}

function CallLine({ line: { call, depth } }: { line: Extract<TreeLine, { kind: "call" }> }) {
  const model = modelOf(call);
  return (
    <tr className="hover:bg-raised" data-call={call.request_id}>
      <RowHeading className="!py-2">
        <span className={INDENTED} style={indentBy(depth)}>
          <span aria-hidden="true" className="w-3 shrink-0 text-center text-ink-faint">
            ·
          </span>
          <Link to="/requests/$requestId" params={{ requestId: call.request_id }} className="wrap-anywhere text-accent hover:underline" title={formatFullInstant(call.request_created_at)}>
            {model ?? "call without a model"}
          </Link>
        </span>
      </RowHeading>
      <td>
        <StatusBadge request={call} />
      </td>
      <td className="text-right whitespace-nowrap max-sm:hidden">
        <FigureText figure={duration(call.delay_ms, "the call's duration is not known")} />
      </td>
      <td className="text-right max-md:hidden">
        <FigureText figure={count(tokensOf(call), explainTokens(call))} />
      </td>
      <td className="text-right whitespace-nowrap">
        <FigureText figure={costOf(call)} />
      </td>
    </tr>
  );
}
