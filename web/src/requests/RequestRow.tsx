import { Link, useNavigate } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { StatusBadge } from "../components/StatusBadge";
import { Tag } from "../components/Tag";
import { modelOf } from "../format/model";
import { costOf } from "../format/money";
import { count, duration } from "../format/numbers";
import { statusOf } from "../format/status";
import { formatFullInstant, formatInstant } from "../format/time";
import { tokensIn, tokensOut } from "../format/tokens";
import { explainFirstToken, explainTokens, unknown } from "../format/unknown";
import { PropertyChips } from "./PropertyChips";
import { COLUMN_CLASSES as CLASSES } from "./columns";
import { handledTags } from "./handled";
import { ROW_LINK } from "./useRowKeys";

interface RequestRowProps {
  request: HeliconeRequest;
  arrived: boolean;
  now: Date;
}

/** One request. The link in its first cell carries the row's name; a click anywhere else follows it too. */
export function RequestRow({ request, arrived, now }: RequestRowProps) {
  const navigate = useNavigate();
  const model = modelOf(request);
  const time = formatInstant(request.request_created_at, now);
  const tokenReason = explainTokens(request);
  const open = (event: MouseEvent) => {
    const onControl = event.target instanceof Element && event.target.closest("a, button");
    if (onControl || event.metaKey || event.ctrlKey || window.getSelection()?.toString()) return;
    void navigate({ to: "/requests/$requestId", params: { requestId: request.request_id } });
  };
  return (
    <tr
      onClick={open}
      className={`cursor-pointer scroll-mt-22 scroll-mb-4 border-t border-line hover:bg-raised has-[[data-row-link]:focus-visible]:bg-accent-wash ${arrived ? "animate-arrive" : ""}`}
    >
      <td className={`${CLASSES.time} text-ink-soft`}>
        <Link
          to="/requests/$requestId"
          params={{ requestId: request.request_id }}
          title={formatFullInstant(request.request_created_at)}
          aria-label={`Request at ${time}, ${model ?? "unknown model"}, ${statusOf(request).text}`}
          className="hover:underline"
          {...{ [ROW_LINK]: request.request_id }}
        >
          {time}
        </Link>
      </td>
      <td className={CLASSES.status}>
        <span className="flex flex-col items-start gap-x-1.5 sm:flex-row sm:items-center">
          <StatusBadge request={request} />
          {handledTags(request).map(({ text, meaning }) => (
            <span key={text} title={meaning} className="max-sm:[&>span]:whitespace-normal">
              <Tag text={text} />
            </span>
          ))}
        </span>
      </td>
      <td className={`${CLASSES.model} font-medium`}>
        {model ? <span title={model}>{model}</span> : <FigureText figure={unknown("the call names no model")} />}
      </td>
      <td className={`${CLASSES.provider} text-ink-soft`}>
        {request.provider || <FigureText figure={unknown("the target is no known provider")} />}
      </td>
      <td className={CLASSES.latency}>
        <FigureText figure={duration(request.delay_ms, "the call's duration is not known")} />
      </td>
      <td className={CLASSES.firstToken}>
        <FigureText figure={duration(request.time_to_first_token, explainFirstToken(request))} />
      </td>
      <td className={CLASSES.tokens}>
        <FigureText figure={count(tokensIn(request), tokenReason)} />
        <span className="text-ink-faint"> / </span>
        <FigureText figure={count(tokensOut(request), tokenReason)} />
      </td>
      <td className={CLASSES.cost}>
        <FigureText figure={costOf(request)} />
      </td>
      <td className={`${CLASSES.user} text-ink-soft`}>
        <span title={request.request_user_id ?? undefined}>{request.request_user_id}</span>
      </td>
      <td className={CLASSES.properties}>
        <PropertyChips request={request} />
      </td>
    </tr>
  );
}
