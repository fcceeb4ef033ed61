import { Fragment } from "react";

interface BreakableUrlProps {
  url: string;
}

/** An address that may break after its dots and slashes rather than anywhere. */
export function BreakableUrl({ url }: BreakableUrlProps) {
  const parts = url.split(/(?<=[./?&])(?!\/)/);
  return parts.map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
