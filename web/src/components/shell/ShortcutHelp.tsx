import { Dialog } from "../Dialog";
import { PAGE_GROUPS } from "./pages";

const EVERYWHERE = [
  ["?", "Show this"],
  ["/", "Add a filter"],
  ["g then a letter", "Go to a page"],
] as const;
const REQUESTS = [
  ["j, ↓", "Next request"],
  ["k, ↑", "Request before"],
  ["Enter", "Open the request beside the list"],
  ["Esc", "Close it"],
  ["o", "Open it on its own page"],
] as const;

/** All keys that do something. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const pages = PAGE_GROUPS.flatMap((group) => group.pages).map(({ key, text }) => [`g ${key}`, text] as const);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="grid gap-5 sm:grid-cols-2">
        <div className="flex flex-col gap-5">
          <KeyList title="Everywhere" keys={EVERYWHERE} />
          <KeyList title="Requests" keys={REQUESTS} />
        </div>
        <KeyList title="Pages" keys={pages} />
      </div>
      <form method="dialog" className="mt-5 flex justify-end">
        <button type="submit" className="button">
          Close
        </button>
      </form>
    </Dialog>
  );
}

function KeyList({ title, keys }: { title: string; keys: readonly (readonly [string, string])[] }) {
  return (
    <section aria-label={title}>
      <h3 className="pb-1 text-xs font-medium text-ink-faint">{title}</h3>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1 text-[0.8125rem]">
        {keys.map(([key, text]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-line-strong bg-raised px-1.5 py-px font-mono text-xs whitespace-nowrap">{key}</kbd>
            </dt>
            <dd className="text-ink-soft">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
