import { useSyncExternalStore } from "react";
import { readAnnouncement, subscribeToAnnouncements } from "./announce";

/** The place where announcements appear; it is always there, so that screen readers notice each. */
export function Announcer() {
  const sentence = useSyncExternalStore(subscribeToAnnouncements, readAnnouncement);
  return (
    <div role="status" data-testid="announcement" className="pointer-events-none fixed inset-x-4 bottom-4 z-30 flex justify-center">
      {sentence && <p className="rounded-md bg-ink px-4 py-2 text-sm font-medium text-page shadow-lg wrap-anywhere">{sentence}</p>}
    </div>
  );
}
