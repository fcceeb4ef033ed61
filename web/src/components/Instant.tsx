import { useState } from "react";
import { formatFullInstant, formatInstant } from "../format/time";

interface InstantProps {
  iso: string;
}

/** A point in time: short, and in full for who asks. */
export function Instant({ iso }: InstantProps) {
  const [now] = useState(() => new Date());
  return (
    <time dateTime={iso} title={formatFullInstant(iso)} className="tabular-nums">
      {formatInstant(iso, now)}
    </time>
  );
}
