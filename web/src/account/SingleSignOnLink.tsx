import { useLocation } from "@tanstack/react-router";
import { useSession } from "../session/useSession";
import { startAddress } from "./singleSignOn";

/** Leads to the provider of identities, where there is one. A link, because the whole page goes there. */
export function SingleSignOnLink() {
  const { singleSignOn } = useSession();
  const { pathname, searchStr } = useLocation();
  if (singleSignOn === null) return null;
  return (
    <>
      <a className="button h-auto min-h-10 py-2 text-center text-sm whitespace-normal" href={startAddress(singleSignOn, pathname + searchStr)}>
        Sign in with {singleSignOn.name}
      </a>
      <p className="flex items-center gap-3 text-xs text-ink-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">or</p>
    </>
  );
}
