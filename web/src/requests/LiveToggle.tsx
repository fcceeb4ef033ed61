interface LiveToggleProps {
  live: boolean;
  /** Older pages stand still whatever the toggle says. */
  paused: boolean;
  onChange: (live: boolean) => void;
}

/** Switches the list between following new requests and standing still. */
export function LiveToggle({ live, paused, onChange }: LiveToggleProps) {
  const following = live && !paused;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={live}
      className="button aria-checked:border-accent aria-checked:text-accent"
      title={paused ? "Only the first page follows new requests" : following ? "New requests appear by themselves" : "The list stands still"}
      onClick={() => onChange(!live)}
    >
      <span aria-hidden="true" className={`size-2 rounded-full ${following ? "animate-pulse-dot bg-accent" : "border border-current"}`} />
      {live && paused ? "Live (paused)" : "Live"}
    </button>
  );
}
