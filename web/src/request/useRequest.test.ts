import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import type { ApiClient } from "../api/client";
import { requestQuery } from "./useRequest";

it("shows nothing of a request on the page of another", async () => {
  const asked: string[] = [];
  const client = {
    get: (path: string) => {
      asked.push(path);
      return path.includes("first") ? Promise.resolve({ request_id: "first" }) : new Promise(() => undefined);
    },
  } as unknown as ApiClient;
  const queries = new QueryClient();
  const observer = new QueryObserver(queries, requestQuery(client, "first"));
  const stop = observer.subscribe(() => undefined);
  await expect.poll(() => observer.getCurrentResult().data).toEqual({ request_id: "first" });
  observer.setOptions(requestQuery(client, "second"));
  expect(observer.getCurrentResult()).toMatchObject({ data: undefined, isPending: true });
  expect(asked).toEqual(["/v1/request/first?includeBody=true", "/v1/request/second?includeBody=true"]);
  stop();
  queries.clear();
});
