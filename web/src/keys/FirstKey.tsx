interface FirstKeyProps {
  onCreate: () => void;
}

/** What to do with the first key of one's own. */
export function FirstKey({ onCreate }: FirstKeyProps) {
  return (
    <div className="panel flex flex-col items-start gap-3 px-4 py-6 sm:px-8">
      <h2 className="text-base font-semibold">Make the first key for an application</h2>
      <p className="max-w-3xl text-ink-soft">
        So far there is only the key you signed in with. Give each application a key of its own that may write and not read: the log then says who called, a leaked key reveals nothing, and
        revoking it stops one application alone.
      </p>
      <button type="button" className="button" onClick={onCreate}>
        Create the first key
      </button>
    </div>
  );
}
