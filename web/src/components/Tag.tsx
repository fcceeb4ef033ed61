interface TagProps {
  text: string;
}

/** A word that sets an item apart. */
export function Tag({ text }: TagProps) {
  return <span className="inline-block rounded bg-accent-wash px-1.5 text-[0.6875rem] leading-5 font-medium whitespace-nowrap text-accent">{text}</span>;
}
