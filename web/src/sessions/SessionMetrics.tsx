import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { PERCENTILES, querySessionMetrics, type Bin, type Percentile, type SessionMetrics as Metrics, type SessionQuestion } from "../api/sessions";
import { useAddress } from "../address/useAddress";
import { firstOf } from "../address/address";
import { Histogram } from "../charts/Histogram";
import { compact } from "../charts/ticks";
import { formatUsd } from "../format/money";
import { formatDuration } from "../format/numbers";
import { useClient } from "../session/ClientContext";
import { INTERQUARTILE, SpreadField } from "./SpreadField";

const CHARTS = [
  { name: "session_count", title: "Calls of a session", format: compact, colour: 1 },
  { name: "session_duration", title: "Duration", format: (seconds: number) => formatDuration(seconds * 1000), colour: 2 },
  { name: "session_cost", title: "Cost", format: formatUsd, colour: 3 },
] as const;

interface SessionMetricsProps {
  question: Omit<SessionQuestion, "name">;
}

/** How sessions are spread over numbers of calls, durations and costs. */
export function SessionMetrics({ question }: SessionMetricsProps) {
  const client = useClient();
  const [address] = useAddress();
  const chosen = firstOf(address["up_to"]);
  const upTo: Percentile = PERCENTILES.find((known) => known === chosen) ?? "p99";
  const isMiddle = chosen === INTERQUARTILE;
  const query = useQuery({
    queryKey: ["session-metrics", question, upTo, isMiddle],
    queryFn: ({ signal }) => querySessionMetrics(client, question, upTo, isMiddle, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="flex flex-col gap-3">
      <SpreadField />
      <div className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3" data-testid="session-metrics">
        {CHARTS.map(({ name, title, format, colour }) => (
          <Histogram
            key={name}
            title={title}
            summary={averageOf(query.data, name, format)}
            of="sessions"
            bins={binsOf(query.data?.[name] ?? [])}
            format={format}
            colour={colour}
            height={180}
            isReading={query.isPending}
            error={query.error}
          />
        ))}
      </div>
    </div>
  );
}

function averageOf(metrics: Metrics | undefined, name: keyof Metrics["average"], format: (value: number) => string): string | undefined {
  const average = metrics?.average[name][0]?.average;
  return typeof average === "number" ? `${format(average)} on average` : undefined;
}

/** Returns bars with plain numbers: Helicone's own servers answer with texts. */
export function binsOf(bins: readonly Bin[]): { from: number; to: number; count: number }[] {
  return bins.map((bin) => ({ from: Number(bin.range_start), to: Number(bin.range_end), count: Number(bin.value) }));
}
