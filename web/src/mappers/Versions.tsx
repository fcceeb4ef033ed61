import { rollBackMapping } from "../api/mappers";
import type { MapperDetail, MapperVersion } from "../api/types";
import { useChange } from "../announce/useChange";
import { Badge } from "../components/Badge";
import { BusyButton } from "../components/BusyButton";
import { Instant } from "../components/Instant";
import { ProblemNotice } from "../components/ProblemNotice";
import { Section } from "../components/Section";
import { useKeyNames } from "../keys/useKeyNames";
import { Snippet } from "../components/Snippet";
import { Tag } from "../components/Tag";
import { statusOfMapping } from "./status";

interface VersionsProps {
  detail: MapperDetail;
  mayManage: boolean;
}

/** Every version, the newest first, with its document. */
export function Versions({ detail, mayManage }: VersionsProps) {
  const keyNames = useKeyNames();
  const makerOf = (id: string) => (id === "job" ? "inferred" : `approved with the key ${keyNames.get(id) ?? id.slice(0, 8)}`);
  return (
    <Section title="Versions" lead="A version never changes. Rolling back puts an earlier one in force again, and stored calls are read by it.">
      <ol className="flex flex-col gap-3">
        {[...detail.versions].reverse().map((version) => (
          <VersionItem key={version.version} version={version} detail={detail} maker={makerOf(version.created_by)} mayManage={mayManage} />
        ))}
      </ol>
    </Section>
  );
}

interface VersionItemProps extends VersionsProps {
  version: MapperVersion;
  maker: string;
}

function VersionItem({ version, detail: { mapper }, maker, mayManage }: VersionItemProps) {
  const { version: number, parent } = version;
  const isActive = mapper.active_version === number;
  const status = statusOfMapping(version.status);
  const change = useChange({
    make: (client) => rollBackMapping(client, mapper.id, number),
    told: () => `Version ${number} is in force again.`,
    changes: ["mapper", "mappers"],
  });
  return (
    <li className="panel flex flex-col gap-2 p-3 sm:p-4" data-version={number}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-[0.8125rem] font-semibold">Version {number}</h3>
        {isActive && <Tag text="in force" />}
        {!isActive && <Badge tone={status.tone}>{status.text}</Badge>}
        <span className="text-xs text-ink-soft">
          <Instant iso={version.created_at} />, {maker}
          {parent !== null && `, from version ${parent}`}
        </span>
        {mayManage && !isActive && version.status !== "FAILED" && (
          <BusyButton className="button-quiet ml-auto" isBusy={change.isPending} aria-label={`Roll back to version ${number}`} onClick={() => change.mutate()}>
            Roll back to it
          </BusyButton>
        )}
      </div>
      <ProblemNotice error={change.error} />
      <details>
        <summary className="w-fit text-xs text-ink-soft">Document</summary>
        <div className="mt-2 max-h-96 overflow-y-auto">
          <Snippet label={`document of version ${number}`} text={JSON.stringify(version.document, null, 2)} />
        </div>
      </details>
    </li>
  );
}
