import { lazy, Suspense, useState } from "react";
import { announce } from "../announce/announce";
import type { HeliconeRequest } from "../api/types";
import { curlOf } from "../body/curl";
import { copyText } from "../components/copyText";
import { Icon } from "../components/Icon";
import { Menu, MenuItem } from "../components/Menu";
import { readGateway } from "../replay/gateway";
import { mayWrite } from "../session/mayManage";
import { useCaller } from "../session/useCaller";

const ReplayDialog = lazy(() => import("../replay/ReplayDialog").then((module) => ({ default: module.ReplayDialog })));

interface RequestActionsProps {
  request: HeliconeRequest;
  /** Whether `request` has the bodies that are stored; a row of a list has none. */
  isWhole: boolean;
}

/** What can be done with a request: copy it in several forms, and send it again. */
export function RequestActions({ request, isWhole }: RequestActionsProps) {
  const [isReplaying, setReplaying] = useState(false);
  const caller = useCaller();
  const curl = isWhole ? curlOf(request, readGateway()) : null;
  const copy = (what: string, text: string) => {
    copyText(text).then(
      () => announce(`${what} is copied`),
      () => announce(`The browser did not let ${what.toLowerCase()} be copied`),
    );
  };
  return (
    <>
      {caller.data !== undefined && mayWrite(caller.data) && (
        <button type="button" className="button" disabled={curl === null} title={isWhole && curl === null ? "The request body is not stored whole or is not text" : undefined} onClick={() => setReplaying(true)}>
          <Icon name="replay" />
          Replay
        </button>
      )}
      <Menu
        trigger={
          <button type="button" className="button">
            <Icon name="copy" />
            Copy
            <Icon name="chevron" />
          </button>
        }
      >
        <MenuItem isDisabled={curl === null} onSelect={() => copy("The curl command", curl ?? "")}>
          Copy as curl
        </MenuItem>
        <MenuItem onSelect={() => copy("The id", request.request_id)}>Copy id</MenuItem>
        <MenuItem onSelect={() => copy("The link", `${window.location.origin}/requests/${request.request_id}`)}>Copy link</MenuItem>
        <MenuItem isDisabled={!isWhole} onSelect={() => copy("The JSON", JSON.stringify(request, null, 2))}>Copy JSON</MenuItem>
      </Menu>
      {isReplaying && (
        <Suspense fallback={null}>
          <ReplayDialog request={request} onClose={() => setReplaying(false)} />
        </Suspense>
      )}
    </>
  );
}
