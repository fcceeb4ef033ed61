import { webAddress } from "./content";

interface OutsideLinkProps {
  url: string | undefined;
  text: string;
}

/** A link that a body names; text when it leads to anything but the web. */
export function OutsideLink({ url, text }: OutsideLinkProps) {
  const address = webAddress(url);
  if (address === null) return <span className="wrap-anywhere">{text}</span>;
  return (
    <a href={address.href} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" className="text-accent underline underline-offset-2 wrap-anywhere">
      {text}
    </a>
  );
}
