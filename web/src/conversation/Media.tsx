import { useState } from "react";
import { downloadOf, pictureOf, soundOf, webAddress } from "./content";
import { OutsideLink } from "./OutsideLink";
import type { Message } from "./types";

interface PartProps {
  message: Message;
}

/** A picture: those in the body at once, those of other servers on demand, as fetching them tells who looks. */
export function Picture({ message }: PartProps) {
  const [wanted, setWanted] = useState(false);
  const [failed, setFailed] = useState(false);
  const picture = pictureOf(message.image_url);
  const name = message.filename ? `Picture ${message.filename}` : "Picture in the conversation";
  if (picture === null) return <Named label="Picture" name={message.filename ?? message.file_id ?? "not in the body"} />;
  if (picture.kind === "elsewhere") {
    return webAddress(picture.text) ? (
      <p>
        Picture: <OutsideLink url={picture.text} text={picture.text} />
      </p>
    ) : (
      <Named label="Picture" name={picture.text} />
    );
  }
  if (picture.kind === "remote" && !wanted) {
    return (
      <button type="button" className="button max-w-full" onClick={() => setWanted(true)} title={picture.source}>
        <span className="truncate">Load image from {picture.host}</span>
      </button>
    );
  }
  if (failed) return <Named label="Picture" name={picture.kind === "remote" ? `${picture.source} (could not be loaded)` : "damaged"} />;
  return (
    <img
      src={picture.source}
      alt={name}
      className="max-h-96 max-w-full rounded-md border border-line bg-raised object-contain"
      referrerPolicy="no-referrer"
      decoding="async"
      onError={() => setFailed(true)}
    />
  );
}

/** Sound with what was spoken. */
export function Sound({ message }: PartProps) {
  const source = soundOf(message);
  if (source !== null) {
    // The transcript, where there is one, stands below.
    // oxlint-disable-next-line jsx-a11y/media-has-caption
    return <audio controls preload="metadata" src={source} className="max-w-full" aria-label="Sound in the conversation" />;
  }
  const download = downloadOf(message.audio_data);
  if (download === null) return <Named label="Sound" name={message.content ? "spoken" : "not in the body"} />;
  return <Download label={`Save sound (${message.mime_type ?? "unknown type"})`} source={download} filename={message.filename ?? "sound"} />;
}

/** A file: to be saved, or where it lies. */
export function File({ message }: PartProps) {
  const name = message.filename ?? message.file_id ?? message.mime_type ?? "without a name";
  const address = webAddress(message.file_data);
  const download = downloadOf(message.file_data);
  if (download !== null) return <Download label={`Save file ${name}`} source={download} filename={message.filename ?? "file"} />;
  if (address !== null) {
    return (
      <p>
        File: <OutsideLink url={address.href} text={message.filename ?? address.href} />
      </p>
    );
  }
  return <Named label="File" name={message.file_data && !message.filename ? message.file_data : name} />;
}

function Download({ label, source, filename }: { label: string; source: string; filename: string }) {
  return (
    <a className="button max-w-full" href={source} download={filename}>
      <span className="truncate">{label}</span>
    </a>
  );
}

function Named({ label, name }: { label: string; name: string }) {
  return (
    <p className="text-ink-soft">
      {label}: <span className="font-mono text-xs wrap-anywhere">{name}</span>
    </p>
  );
}
