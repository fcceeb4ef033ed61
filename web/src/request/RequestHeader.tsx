import { Link, useCanGoBack, useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import type { HeliconeRequest } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { Icon } from "../components/Icon";
import { StatusBadge } from "../components/StatusBadge";
import { modelOf } from "../format/model";
import { KeyFigures } from "./KeyFigures";
import { RequestActions } from "./RequestActions";

interface RequestHeaderProps {
  request: HeliconeRequest;
}

/** What the request was, how it ended, and what can be done with it. */
export function RequestHeader({ request }: RequestHeaderProps) {
  return (
    <div className="flex flex-col gap-1.5">
      <BackLink />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="text-lg font-semibold tracking-tight wrap-anywhere">{modelOf(request) ?? "Request without a model"}</h1>
        <StatusBadge request={request} />
        <div className="ml-auto flex items-center gap-1.5">
          <RequestActions request={request} isWhole />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-soft">
        <KeyFigures request={request} />
        <span className="font-mono wrap-anywhere">
          {request.method} {request.request_path}
        </span>
        <span className="flex items-center font-mono" data-testid="request-id">
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
