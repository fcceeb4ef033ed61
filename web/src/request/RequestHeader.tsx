import { Link, useCanGoBack, useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import type { HeliconeRequest } from "../api/types";
import { curlOf, guessGateway } from "../body/curl";
import { CopyButton } from "../components/CopyButton";
import { Icon } from "../components/Icon";
import { StatusBadge } from "../components/StatusBadge";
import { modelOf } from "../format/model";

interface RequestHeaderProps {
  request: HeliconeRequest;
}

/** What the request was, how it ended, and what can be done with it. */
export function RequestHeader({ request }: RequestHeaderProps) {
  const curl = curlOf(request, guessGateway(window.location));
  return (
    <div className="flex flex-col gap-1.5">
      <BackLink />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="text-lg font-semibold tracking-tight wrap-anywhere">{modelOf(request) ?? "Request without a model"}</h1>
        <StatusBadge request={request} />
        <div className="ml-auto">
          <CopyButton
            label="Copy as curl"
            caption="Copy as curl"
            text={() => curl ?? ""}
            unavailable={curl === null ? "The request body is not stored whole or is not text, so the call cannot be repeated" : undefined}
          />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 text-xs text-ink-soft">
        <span className="font-mono wrap-anywhere">
          {request.method} {request.request_path}
        </span>
        <span className="flex items-center font-mono">
          {request.request_id}
          <CopyButton label="Copy request id" text={() => request.request_id} />
        </span>
      </div>
    </div>
  );
}

/** Leads back to the list as it was left, or to the plain list for those who came by a link. */
function BackLink() {
  const router = useRouter();
  const canGoBack = useCanGoBack();
  const goBack = (event: MouseEvent) => {
    if (!canGoBack || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    router.history.back();
  };
  return (
    <Link to="/requests" onClick={goBack} className="-ml-1 inline-flex w-fit items-center gap-1 text-xs text-ink-soft hover:text-ink">
      <Icon name="back" />
      Requests
    </Link>
  );
}
