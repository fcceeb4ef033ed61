import type { ReactNode } from "react";
import type { Json } from "../api/types";
import { classifyBody, rawText } from "../body/classify";
import { JsonTree } from "../body/JsonTree";
import { RawText } from "../body/RawText";
import { Notice } from "../components/Notice";
import { gapOf, parametersOf } from "./content";
import { MessageList } from "./MessageList";
import { SaidText } from "./SaidText";
import { Tools } from "./ToolCalls";
import type { Conversation, Message, RequestBody, ResponseBody } from "./types";

/** How many messages are shown at once; the last ones, as they are what was asked. */
const SHOWN = 100;
/** The APIs whose several messages are several answers. */
const CHOICES = new Set(["openai-chat", "openai-instruct", "gemini-chat"]);

interface ConversationViewProps {
  conversation: Conversation;
  /** The bodies as they are, for what nobody can read. */
  requestBody: Json | undefined;
  responseBody: Json | undefined;
}

/** What was asked, and what came back. */
export function ConversationView({ conversation, requestBody, responseBody }: ConversationViewProps) {
  const { _type: kind, schema, reading } = conversation;
  return (
    <div className="flex flex-col gap-4 leading-relaxed">
      <Side title="Asked" reading={reading.request} body={requestBody} isRead={schema.request !== null}>
        {schema.request && <Asked request={schema.request} />}
      </Side>
      <Side title="Answered" reading={reading.response} body={responseBody} isRead={schema.response !== null}>
        {schema.response && <Answered response={schema.response} areChoices={CHOICES.has(kind)} />}
      </Side>
    </div>
  );
}

interface SideProps {
  title: string;
  reading: string;
  body: Json | undefined;
  isRead: boolean;
  children: ReactNode;
}

/** One half of a conversation, or why there is none. */
function Side({ title, reading, body, isRead, children }: SideProps) {
  const gap = gapOf(reading);
  return (
    <section aria-label={title} className="flex min-w-0 flex-col gap-3">
      {gap && (
        <p className="text-ink-faint">
          {title}: {gap}
        </p>
      )}
      {reading === "cut" && <Notice tone="warn">The end of this body is missing: this is what could be read.</Notice>}
      {reading === "pending" && !isRead ? <Pending title={title} body={body} /> : children}
    </section>
  );
}

/** A body in a shape that nobody knows yet. */
function Pending({ title, body }: { title: string; body: Json | undefined }) {
  const readable = classifyBody(body);
  return (
    <>
      <Notice tone="warn">Model is pending mapping. {title}, as it is:</Notice>
      <div className="max-h-[60dvh] overflow-auto font-mono text-xs leading-relaxed" tabIndex={0} role="region" aria-label={`${title}, as it is`}>
        {readable.kind === "json" ? <JsonTree value={readable.value} /> : <RawText label={title} text={rawText(readable)} />}
      </div>
    </>
  );
}

function Asked({ request }: { request: RequestBody }) {
  const { messages = [], input = [], tools = [], prompt, instructions } = request;
  const parameters = parametersOf(request);
  const details = request.toolDetails ?? request.vectorDBDetails ?? request.dataDetails;
  return (
    <>
      {tools.length > 0 && <Tools tools={tools} />}
      {parameters.length > 0 && (
        <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-faint" aria-label="Parameters">
          {parameters.map(([name, value]) => (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt>{name}</dt>
              <dd className="max-w-80 truncate font-mono text-ink-soft" title={value}>
                {value}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Messages messages={messages} />
      {messages.length === 0 && prompt && <MessageList messages={[{ _type: "message", role: "user", content: prompt }]} />}
      {input.length > 0 && <Inputs input={input} />}
      {instructions && messages.length === 0 && <SaidText text={instructions} />}
      {details !== undefined && <Details value={details} />}
    </>
  );
}

function Answered({ response, areChoices }: { response: ResponseBody; areChoices: boolean }) {
  const error = response.error?.heliconeMessage;
  const details = response.toolDetailsResponse ?? response.vectorDBDetailsResponse ?? response.dataDetailsResponse;
  return (
    <>
      <Messages messages={response.messages} areChoices={areChoices && response.messages.length > 1} />
      {error !== undefined && <Notice tone="bad">{typeof error === "string" ? <SaidText text={error} limit={2000} /> : JSON.stringify(error)}</Notice>}
      {details !== undefined && <Details value={details} />}
    </>
  );
}

/** Messages in their order; the earliest of many are folded away. */
function Messages({ messages, areChoices = false }: { messages: Message[]; areChoices?: boolean }) {
  const hidden = Math.max(0, messages.length - SHOWN);
  return (
    <>
      {hidden > 0 && (
        <details>
          <summary className="text-ink-soft">{hidden} earlier messages</summary>
          <MessageList messages={messages.slice(0, Math.min(hidden, 10 * SHOWN))} />
        </details>
      )}
      {messages.length > 0 && <MessageList messages={messages.slice(hidden)} areChoices={areChoices} />}
    </>
  );
}

/** Texts that are not answered, but embedded, spoken or judged. */
function Inputs({ input }: { input: string[] }) {
  return (
    <ol className="flex flex-col gap-2" aria-label="Input">
      {input.slice(0, SHOWN).map((text, index) => (
        <li key={index} className="border-l-2 border-line-strong pl-3">
          <SaidText text={text} limit={4000} />
        </li>
      ))}
      {input.length > SHOWN && <li className="text-ink-faint">and {input.length - SHOWN} more</li>}
    </ol>
  );
}

function Details({ value }: { value: Json }) {
  return (
    <details>
      <summary className="text-ink-soft">Logged event</summary>
      <div className="font-mono text-xs leading-relaxed">
        <JsonTree value={value} />
      </div>
    </details>
  );
}
