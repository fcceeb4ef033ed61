/** The product's mark: a gate. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-6 shrink-0" aria-hidden="true">
      <rect width="32" height="32" rx="7" className="fill-accent-fill" />
      <g fill="none" stroke="#fff" strokeLinecap="round">
        <path d="M8 25V14a8 8 0 0 1 16 0v11" strokeWidth="2.6" />
        <path d="M13 25v-9.5M19 25v-9.5M8 20h16" strokeWidth="2" />
      </g>
    </svg>
  );
}
