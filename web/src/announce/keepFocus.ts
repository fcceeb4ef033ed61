/** Moves the focus to the page's content if what had it has gone, so that the keyboard goes on from there. */
export function keepFocus(): void {
  if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
}
