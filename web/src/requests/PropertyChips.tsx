import type { RequestPart } from "../api/types";
import { ownProperties } from "./properties";

interface PropertyChipsProps {
  request: RequestPart<"properties" | "request_properties">;
}

/** The properties of a request on one line: those that do not fit wrap out of sight and stand in the title. */
export function PropertyChips({ request }: PropertyChipsProps) {
  const properties = ownProperties(request);
  return (
    <span className="flex h-5 flex-wrap gap-1 overflow-hidden" title={properties.map(([key, value]) => `${key}=${value}`).join("\n")}>
      {properties.map(([key, value]) => (
        <span key={key} className="max-w-full truncate rounded bg-raised px-1.5 text-xs leading-5">
          <span className="text-ink-faint">{key}=</span>
          {value}
        </span>
      ))}
    </span>
  );
}
