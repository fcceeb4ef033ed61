import type { ReactNode } from "react";

interface NoticeProps {
  tone: "bad" | "warn";
  children: ReactNode;
}

/** A message about something that went wrong or is not whole. */
export function Notice({ tone, children }: NoticeProps) {
  const colours = tone === "bad" ? "bg-bad-wash text-bad" : "bg-warn-wash text-warn";
  return (
    <div role={tone === "bad" ? "alert" : "note"} className={`rounded-md px-3 py-2 text-sm ${colours}`}>
      {children}
    </div>
  );
}
