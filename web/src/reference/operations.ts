/** The operations of the API, as its OpenAPI document describes them. */

export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  /** In one sentence. */
  summary: string;
  /** What is said beyond that sentence. */
  description: string;
  parameters: Parameter[];
  /** An example of the body as text; null where no body is sent. */
  body: string | null;
  answers: { status: string; description: string }[];
}

export interface Parameter {
  name: string;
  place: "path" | "query" | "header";
  description: string;
  isRequired: boolean;
}

export interface Group {
  tag: string;
  description: string;
  operations: Operation[];
}

interface Schema {
  $ref?: string;
  example?: unknown;
  allOf?: Schema[];
}

type Content = Record<string, { schema?: Schema; example?: unknown; examples?: Record<string, { value?: unknown }> }>;

interface Described {
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; description?: string; required?: boolean }[];
  requestBody?: { content: Content };
  responses?: Record<string, { description?: string }>;
}

export interface OpenApi {
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, Schema> };
}

/** Groups the operations as the document does, in its order. */
export function groupsOf(document: OpenApi): Group[] {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(document, path, method.toUpperCase(), described)),
  );
  const tags = document.tags ?? [];
  return tags
    .map(({ name, description }) => ({ tag: name, description: description ?? "", operations: operations.filter(({ tag }) => tag === name) }))
    .filter((group) => group.operations.length > 0);
}

function operationOf(document: OpenApi, path: string, method: string, described: Described): Operation {
  const { operationId, tags, summary, description, parameters, requestBody, responses } = described;
  return {
    id: operationId,
    method,
    path,
    tag: tags?.[0] ?? "",
    summary: summary ?? "",
    description: description ?? "",
    parameters: (parameters ?? []).map((parameter) => ({
      name: parameter.name,
      place: parameter.in === "path" ? "path" : parameter.in === "header" ? "header" : "query",
      description: parameter.description ?? "",
      isRequired: parameter.required === true,
    })),
    body: requestBody === undefined ? null : bodyOf(document, requestBody.content),
    answers: Object.entries(responses ?? {}).map(([status, answer]) => ({ status, description: answer.description ?? "" })),
  };
}

function bodyOf(document: OpenApi, content: Content): string {
  const media = content["application/json"] ?? Object.values(content)[0];
  const example = media?.example ?? Object.values(media?.examples ?? {})[0]?.value ?? exampleOf(document, media?.schema);
  if (typeof example === "string") return example;
  return example === undefined ? "{}" : JSON.stringify(example, null, 2);
}

function exampleOf(document: OpenApi, schema: Schema | undefined): unknown {
  if (schema === undefined || schema.example !== undefined) return schema?.example;
  const name = schema.$ref?.split("/").pop();
  if (name !== undefined) return exampleOf(document, document.components?.schemas?.[name]);
  return schema.allOf?.map((part) => exampleOf(document, part)).find((example) => example !== undefined);
}

/** Returns the address of a call: what was given stands in the place of its parameters. */
export function addressOf(operation: Operation, given: Record<string, string>): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ""));
  const query = operation.parameters
    .filter(({ place, name }) => place === "query" && given[name] !== undefined && given[name] !== "")
    .map(({ name }) => `${encodeURIComponent(name)}=${encodeURIComponent(given[name] ?? "")}`);
  return query.length === 0 ? path : `${path}?${query.join("&")}`;
}
