import type { ReactNode } from "react";
import { firstCall } from "../body/curl";
import { Snippet } from "../components/Snippet";
import { useGateway } from "../replay/gateway";

interface TeachProps {
  title: string;
  /** What it is for, and what to do. */
  children: ReactNode;
  /** The headers that a call needs for it. */
  headers: readonly string[];
  /** Names the example: "first call of a session". */
  label: string;
}

/** What stands where there is nothing yet: what it is good for, and the call that makes the first of it. */
export function Teach({ title, children, headers, label }: TeachProps) {
  const gateway = useGateway();
  return (
    <div className="panel mx-auto grid w-full max-w-3xl gap-4 px-4 py-8 sm:px-8">
      <h2 className="text-base font-semibold">{title}</h2>
      <div className="text-ink-soft">{children}</div>
      <Snippet label={label} text={firstCall(gateway, undefined, [...headers])} />
    </div>
  );
}

/** What stands where nothing fits what was asked for. */
export function NothingFits({ what, onClear }: { what: string; onClear?: (() => void) | undefined }) {
  return (
    <div className="panel grid place-items-center gap-3 px-4 py-12 text-center">
      <p className="font-medium">{what}</p>
      {onClear && (
        <button type="button" className="button" onClick={onClear}>
          Show all
        </button>
      )}
    </div>
  );
}
