/** The request that was opened last, so that the way back leads to its row. */
let opened: string | null = null;

export function rememberOpened(requestId: string): void {
  opened = requestId;
}

/** Returns the request once; the next list starts afresh. */
export function takeOpened(): string | null {
  const requestId = opened;
  opened = null;
  return requestId;
}
