interface FirstWebhookProps {
  /** Absent for those who may not add one. */
  onCreate?: (() => void) | undefined;
}

/** What stands where the webhooks would be. */
export function FirstWebhook({ onCreate }: FirstWebhookProps) {
  return (
    <div className="panel flex flex-col items-start gap-3 px-4 py-6 sm:px-8">
      <h2 className="text-base font-semibold">No webhooks yet</h2>
      <p className="max-w-3xl text-ink-soft">
        A webhook is an address of yours that is told of each call once it has ended: which one it was, what was asked and answered, and what it cost. Deliveries are signed, tried again when they
        fail, and kept here when they can't be delivered at all.
      </p>
      {onCreate && (
        <button type="button" className="button" onClick={onCreate}>
          Add the first webhook
        </button>
      )}
    </div>
  );
}
