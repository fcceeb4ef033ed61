import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { HeliconeRequest } from "../api/types";
import { Icon } from "../components/Icon";
import { columnIs, propertyIs, searchFor } from "../filter/links";
import type { FilterNode } from "../api/types";
import { ownProperties, sessionOf } from "../requests/properties";
import { AddProperty } from "./AddProperty";
import { FactList } from "./FactList";
import { Facts } from "./Facts";

interface ContextFactsProps {
  request: HeliconeRequest;
}

/** Who asked and on what occasion; each value leads to the requests that share it. */
export function ContextFacts({ request }: ContextFactsProps) {
  const user = request.request_user_id;
  const session = sessionOf(request);
  const properties = ownProperties(request);
  const empty = !user && !session.id && properties.length === 0;
  return (
    <Facts title="User, session, properties">
      {empty && <p className="text-[0.8125rem] text-ink-faint">None was given.</p>}
      <FactList
        facts={[
          {
            name: "User",
            value: user && (
              <Shared filter={columnIs("user_id", user)}>
                <Link to={`/users/${encodeURIComponent(user)}` as string} className="text-accent hover:underline">
                  {user}
                </Link>
              </Shared>
            ),
          },
          {
            name: "Session",
            value: session.idKey && session.id && (
              <Shared filter={propertyIs(session.idKey, session.id)}>
                <Link to={`/sessions/${encodeURIComponent(session.id)}` as string} className="text-accent hover:underline">
                  {session.name ?? session.id}
                </Link>
              </Shared>
            ),
          },
          { name: "Session path", value: session.path },
          ...properties.map(([key, value]) => ({ name: key, value: <Shared filter={propertyIs(key, value)}>{value}</Shared> })),
        ]}
      />
      <AddProperty requestId={request.request_id} />
    </Facts>
  );
}

/** A value, and a way to all requests that share it. */
function Shared({ filter, children }: { filter: FilterNode; children: ReactNode }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <span className="min-w-0 wrap-anywhere">{children}</span>
      <Link to="/requests" search={searchFor(filter)} className="shrink-0 rounded p-0.5 text-ink-faint hover:text-accent" aria-label="All requests with this value" title="All requests with this value">
        <Icon name="filter" />
      </Link>
    </span>
  );
}
