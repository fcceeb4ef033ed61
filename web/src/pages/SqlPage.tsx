import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { announce } from "../announce/announce";
import { useChange } from "../announce/useChange";
import { downloadSql, executeSql, saveQuery, type SavedQuery } from "../api/sql";
import { BusyButton } from "../components/BusyButton";
import { Icon } from "../components/Icon";
import { ProblemNotice } from "../components/ProblemNotice";
import { usePageTitle } from "../components/usePageTitle";
import { useClient } from "../session/ClientContext";
import { mayManage } from "../session/mayManage";
import { useCaller } from "../session/useCaller";
import { insert } from "../sql/edit";
import { ResultPanel } from "../sql/ResultPanel";
import { SaveDialog } from "../sql/SaveDialog";
import { SavedQueries } from "../sql/SavedQueries";
import { SchemaTree } from "../sql/SchemaTree";
import { SqlEditor } from "../sql/SqlEditor";
import { PageHeader } from "../tables/PageHeader";

const FIRST_QUERY = `-- What each model cost, the dearest first.
SELECT model, count(*) AS calls, sum(cost) / 1e9 AS dollars
FROM request_response_rmt
GROUP BY model
ORDER BY dollars DESC
LIMIT 20`;

/** Questions in SQL to the calls of the organisation. */
export function SqlPage() {
  usePageTitle("SQL");
  const client = useClient();
  const caller = useCaller();
  const field = useRef<HTMLTextAreaElement>(null);
  const [sql, setSql] = useState(FIRST_QUERY);
  const [saved, setSaved] = useState<SavedQuery | null>(null);
  const [isNaming, setIsNaming] = useState(false);
  const mayWrite = caller.data !== undefined && mayManage(caller.data);
  const run = useMutation({ mutationFn: (query: string) => executeSql(client, query), gcTime: 0 });
  const download = useMutation({ mutationFn: (query: string) => downloadSql(client, query), gcTime: 0, onSuccess: (csv) => handOver(csv, saved?.name) });
  const update = useChange<SavedQuery, SavedQuery>({
    make: (writer, { id, name }) => saveQuery(writer, id, name, sql),
    told: (_, { name }) => `“${name}” is saved.`,
    changes: ["saved-queries"],
    then: (_, query) => setSaved({ ...query, sql }),
  });
  const isChanged = saved === null || saved.sql !== sql;
  const start = () => void (run.isPending || run.mutate(sql));
  const save = () => {
    if (!mayWrite) announce("Your key may only read, so nothing can be saved.");
    else if (saved === null) setIsNaming(true);
    else if (isChanged && !update.isPending) update.mutate(saved);
  };
  const put = (name: string) => {
    const element = field.current;
    if (!element) return;
    const edited = insert({ text: sql, start: element.selectionStart, end: element.selectionEnd }, name);
    setSql(edited.text);
    element.focus();
    requestAnimationFrame(() => element.setSelectionRange(edited.start, edited.end));
  };
  const keep = (query: SavedQuery) => {
    setIsNaming(false);
    setSaved(query);
  };
  const choose = (query: SavedQuery) => {
    setSaved(query);
    setSql(query.sql);
  };
  return (
    <div className="flex flex-col gap-3">
      <PageHeader title="SQL" note={saved ? `${saved.name}${isChanged ? ", changed" : ""}` : undefined} />
      <div className="grid items-start gap-4 lg:grid-cols-[15rem_minmax(0,1fr)] 2xl:grid-cols-[18rem_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-4 max-lg:order-last">
          <section aria-label="Saved queries" className="flex flex-col gap-1.5">
            <h2 className="text-[0.8125rem] font-semibold">Saved queries</h2>
            <SavedQueries chosen={saved?.id ?? null} mayWrite={mayWrite} onChoose={choose} onRemoved={(id) => id === saved?.id && setSaved(null)} />
          </section>
          <section aria-label="Tables" className="flex flex-col gap-1.5">
            <h2 className="text-[0.8125rem] font-semibold">Tables</h2>
            <SchemaTree onInsert={put} />
          </section>
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <SqlEditor field={field} value={sql} onChange={setSql} onRun={start} onSave={save} />
          <div className="flex flex-wrap items-center gap-2">
            <BusyButton className="button-primary" isBusy={run.isPending} onClick={start}>
              {run.isPending ? "Running…" : "Run"}
            </BusyButton>
            <BusyButton className="button" isBusy={update.isPending} onClick={save}>
              <Icon name="bookmark" />
              {saved ? "Save changes" : "Save"}
            </BusyButton>
            {saved && (
              <button type="button" className="button-quiet" onClick={() => setSaved(null)}>
                New query
              </button>
            )}
            <BusyButton className="button" isBusy={download.isPending} onClick={() => download.mutate(sql)}>
              <Icon name="download" />
              {download.isPending ? "Preparing…" : "Download CSV"}
            </BusyButton>
            <span id="sql-keys" className="text-xs text-ink-faint max-sm:hidden">
              Ctrl or ⌘ Enter runs, Ctrl or ⌘ S saves, Escape then Tab leaves the field
            </span>
          </div>
          <ProblemNotice error={run.error ?? download.error ?? update.error} />
          {run.data && <ResultPanel result={run.data} />}
        </div>
      </div>
      {isNaming && <SaveDialog sql={sql} onSaved={keep} onClose={() => setIsNaming(false)} />}
    </div>
  );
}

/** Gives a file to the browser to keep. */
function handOver(csv: string, name = "query"): void {
  const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replaceAll(/[^\w-]+/g, "-")}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
