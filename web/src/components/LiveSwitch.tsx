interface LiveSwitchProps {
  live: boolean;
  /** Why nothing follows although it is switched on. */
  paused?: string | null;
  onChange: (live: boolean) => void;
}

/** Switches a page between following new calls and standing still. */
export function LiveSwitch({ live, paused = null, onChange }: LiveSwitchProps) {
  const isFollowing = live && paused === null;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={live}
      className="button aria-checked:border-accent aria-checked:text-accent"
      title={live && paused !== null ? paused : isFollowing ? "New calls appear by themselves" : "The page stands still"}
      onClick={() => onChange(!live)}
    >
      <span aria-hidden="true" className={`size-2 rounded-full ${isFollowing ? "animate-pulse-dot bg-accent" : "border border-current"}`} />
      {live && paused !== null ? "Live (paused)" : "Live"}
    </button>
  );
}
