import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { Instant } from "../components/Instant";
import { costOf } from "../format/money";
import { count, duration } from "../format/numbers";
import { tokensIn, tokensOut } from "../format/tokens";
import { explainFirstToken, explainTokens } from "../format/unknown";

/** The figures of a request that matter most, in a line. */
export function KeyFigures({ request }: { request: HeliconeRequest }) {
  const reason = explainTokens(request);
  const figures = [
    { name: "Latency", value: <FigureText figure={duration(request.delay_ms, "the call's duration is not known")} /> },
    { name: "First token", value: <FigureText figure={duration(request.time_to_first_token, explainFirstToken(request))} /> },
    { name: "In", value: <FigureText figure={count(tokensIn(request), reason)} /> },
    { name: "Out", value: <FigureText figure={count(tokensOut(request), reason)} /> },
    { name: "Cost", value: <FigureText figure={costOf(request)} /> },
    { name: "Started", value: <Instant iso={request.request_created_at} /> },
  ];
  return (
    <ul aria-label="Figures" className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
      {figures.map(({ name, value }) => (
        <li key={name} className="whitespace-nowrap">
          <span className="text-ink-faint">{name} </span>
          <span className="font-medium">{value}</span>
        </li>
      ))}
    </ul>
  );
}
