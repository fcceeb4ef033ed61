import type { HeliconeRequest } from "../api/types";
import { StatusBadge } from "../components/StatusBadge";
import { Tag } from "../components/Tag";
import { handledTags } from "./handled";

/** How a request ended, and in a word each what the gateway did with it. */
export function CallStatus({ request }: { request: HeliconeRequest }) {
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <StatusBadge request={request} />
      {handledTags(request).map((tag) => (
        <span key={tag.text} className="min-w-0 truncate" title={tag.meaning}>
          <Tag text={tag.text} />
        </span>
      ))}
    </span>
  );
}
