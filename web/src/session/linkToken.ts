let kept = "";

/** Returns the token of the link that led here: what stood behind the `#`, which browsers send to nobody. */
export function readLinkToken(): string {
  if (location.hash.length > 1) kept = location.hash.slice(1);
  return kept;
}

/** Takes the token out of the address bar and the history. */
export function hideLinkToken(): void {
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname);
}
