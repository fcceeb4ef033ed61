/** The columns of a narrow screen, two lines in each; the rest stands in the request itself. */
import type { ReactNode } from "react";
import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { modelOf } from "../format/model";
import { costOf } from "../format/money";
import { duration } from "../format/numbers";
import { dayAndClock } from "../format/time";
import { unknown } from "../format/unknown";
import { CallStatus } from "./CallStatus";
import type { CallColumn } from "./columns";
import { SNIPPET_COLUMN, type Found } from "./snippet";

export const NARROW_ROW_HEIGHT = 54;

export const NARROW_COLUMNS: readonly CallColumn[] = [
  { name: "narrowTime", heading: "Time", width: 80, sort: "created_at", cell: (request) => <When iso={request.request_created_at} /> },
  { name: "narrowCall", heading: "Model", width: 150, sort: "body_model", cell: (request) => <TwoLines above={<Model request={request} />} below={<Below request={request} />} /> },
  {
    name: "narrowCost",
    heading: "Cost",
    width: 90,
    isFigure: true,
    sort: "cost",
    cell: (request) => <TwoLines above={<FigureText figure={costOf(request)} />} below={<FigureText figure={duration(request.delay_ms, "the call's duration is not known")} />} />,
  },
];

function TwoLines({ above, below }: { above: ReactNode; below: ReactNode }) {
  return (
    <span className="flex min-w-0 flex-col gap-0.5">
      <span className="truncate">{above}</span>
      <span className="truncate text-xs text-ink-soft">{below}</span>
    </span>
  );
}

function When({ iso }: { iso: string }) {
  const { day, clock } = dayAndClock(iso);
  return <TwoLines above={clock} below={day} />;
}

function Model({ request }: { request: HeliconeRequest }) {
  const model = modelOf(request);
  return model ? <span className="font-medium">{model}</span> : <FigureText figure={unknown("the call names no model")} />;
}

/** How the call ended, or where a search found its text. */
function Below({ request }: { request: HeliconeRequest }) {
  return (request as Found).snippet ? SNIPPET_COLUMN.cell(request) : <CallStatus request={request} />;
}
