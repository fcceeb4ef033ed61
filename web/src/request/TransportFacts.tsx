import type { HeliconeRequest } from "../api/types";
import { FigureText } from "../components/FigureText";
import { bytes, count } from "../format/numbers";
import { formatFullInstant } from "../format/time";
import { BreakableUrl } from "./BreakableUrl";
import { FactList } from "./FactList";
import { Facts } from "./Facts";

interface TransportFactsProps {
  request: HeliconeRequest;
}

/** Where the call went and how it ended. */
export function TransportFacts({ request }: TransportFactsProps) {
  return (
    <Facts title="Call">
      <FactList
        facts={[
          { name: "Started", value: formatFullInstant(request.request_created_at) },
          { name: "Outcome", value: request.outcome?.replaceAll("_", " ") },
          { name: "Error", value: request.error_type },
          { name: "Provider", value: request.provider },
          { name: "Model asked for", value: request.model_override ?? request.request_model },
          { name: "Model that answered", value: request.response_model },
          { name: "Target", value: request.target_url && <BreakableUrl url={request.target_url} /> },
          { name: "Attempts", value: <FigureText figure={count(request.attempt_count, "attempts were not counted")} /> },
          { name: "Request size", value: <FigureText figure={bytes(request.request_bytes, "the size is not known")} /> },
          { name: "Response size", value: <FigureText figure={bytes(request.response_bytes, "the size is not known")} /> },
          { name: "Country", value: request.country_code },
        ]}
      />
    </Facts>
  );
}
