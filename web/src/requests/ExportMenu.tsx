import { useState } from "react";
import { announce } from "../announce/announce";
import { exportRequests, type ExportFormat } from "../api/requests";
import type { FilterNode } from "../api/types";
import { BusyButton } from "../components/BusyButton";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { ProblemNotice } from "../components/ProblemNotice";
import { Segmented } from "../components/Segmented";
import { formatBytes } from "../format/numbers";
import { useClient } from "../session/ClientContext";
import type { TimeRange } from "../time/range";
import { wholeFilter } from "./useRequestPages";

interface ExportMenuProps {
  filter: FilterNode;
  time: TimeRange;
  total: number | undefined;
}

const FORMATS = [
  { value: "jsonl", text: "JSONL" },
  { value: "csv", text: "CSV" },
  { value: "parquet", text: "Parquet" },
] as const;

/** Writes all requests of the list into a file. */
export function ExportMenu({ filter, time, total }: ExportMenuProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Export"
      isOpen={isOpen}
      onOpenChange={setOpen}
      align="end"
      className="w-72"
      trigger={
        <button type="button" className="button">
          <Icon name="download" />
          <span className="max-sm:sr-only">Export</span>
        </button>
      }
    >
      <ExportForm filter={filter} time={time} total={total} />
    </Popover>
  );
}

function ExportForm({ filter, time, total }: ExportMenuProps) {
  const client = useClient();
  const [format, setFormat] = useState<ExportFormat>("jsonl");
  const [includeBodies, setIncludeBodies] = useState(true);
  const [received, setReceived] = useState<number | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const save = async () => {
    const controller = new AbortController();
    setError(null);
    setReceived(0);
    try {
      const response = await exportRequests(client, { filter: wholeFilter(filter, time), format, includeBodies }, controller.signal);
      download(await collect(response, setReceived), `requests.${format}`);
      announce("The export is saved");
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
    }
    setReceived(null);
  };
  return (
    <div className="flex flex-col gap-3">
      <p className="text-ink-soft">{total === undefined ? "All requests of the list" : total === 1 ? "1 request" : `${total.toLocaleString("en-US")} requests`}, with the filter and the time in force.</p>
      <Segmented label="Format" options={FORMATS} value={format} onChange={setFormat} />
      <label className="flex items-center gap-2">
        <input type="checkbox" className="size-4 accent-accent-fill" checked={includeBodies} onChange={(event) => setIncludeBodies(event.target.checked)} />
        With what was said
      </label>
      <ProblemNotice error={error} />
      <BusyButton className="button-primary" isBusy={received !== null} onClick={() => void save()}>
        {received === null ? "Save the file" : `${formatBytes(received)} received…`}
      </BusyButton>
      <p className="text-xs text-ink-faint">
        For very large exports <code className="font-mono">gatehouse export</code> writes straight to the disk.
      </p>
    </div>
  );
}

async function collect(response: Response, onReceived: (bytes: number) => void): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) break;
    parts.push(piece.value);
    received += piece.value.length;
    onReceived(received);
  }
  return new Blob(parts, { type: response.headers.get("content-type") ?? "application/octet-stream" });
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
