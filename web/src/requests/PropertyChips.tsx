import type { HeliconeRequest } from "../api/types";
import { ownProperties } from "./properties";

const SHOWN = 3;

interface PropertyChipsProps {
  request: Pick<HeliconeRequest, "properties" | "request_properties">;
}

/** The first few properties of a request, on one line. */
export function PropertyChips({ request }: PropertyChipsProps) {
  const properties = ownProperties(request);
  const hidden = properties.slice(SHOWN);
  return (
    <span className="flex gap-1 overflow-hidden">
      {properties.slice(0, SHOWN).map(([key, value]) => (
        <span key={key} className="truncate rounded bg-raised px-1.5 text-xs leading-5" title={`${key}=${value}`}>
          <span className="text-ink-faint">{key}=</span>
          {value}
        </span>
      ))}
      {hidden.length > 0 && (
        <span className="shrink-0 text-xs leading-5 text-ink-faint" title={hidden.map(([key, value]) => `${key}=${value}`).join("\n")}>
          +{hidden.length}
        </span>
      )}
    </span>
  );
}
