import type { HeliconeRequest } from "../api/types";
import { ownProperties, sessionOf } from "../requests/properties";
import { FactList } from "./FactList";
import { Facts } from "./Facts";
import { FilterLink } from "./FilterLink";

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
          { name: "User", value: user && <FilterLink search={{ user }} text={user} /> },
          {
            name: "Session",
            value: session.idKey && session.id && (
              <FilterLink search={{ properties: [{ key: session.idKey, value: session.id }] }} text={session.name ?? session.id} />
            ),
          },
          { name: "Session path", value: session.path },
          ...properties.map(([key, value]) => ({
            name: key,
            value: <FilterLink search={{ properties: [{ key, value }] }} text={value} />,
          })),
        ]}
      />
    </Facts>
  );
}
