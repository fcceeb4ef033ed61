// Leads connections to where this machine serves a name; names, certificates and all that is sent stay those of a real call.

import { readFileSync } from "node:fs";
import https from "node:https";
import { Agent, buildConnector, setGlobalDispatcher } from "undici";

/** Returns where to connect for a URL's host: a provider's name is the double, a label of localhost is this machine. */
function place(double, { protocol, hostname, port }) {
  if (protocol === "https:" && hostname !== "localhost" && hostname !== "127.0.0.1") {
    return { hostname: "127.0.0.1", port: String(double.port), servername: hostname };
  }
  return { hostname: hostname.endsWith("localhost") ? "127.0.0.1" : hostname, port, servername: hostname };
}

/** Leads whatever calls `fetch`; `gatehouse` may speak TLS. */
export function leadFetch({ double, gatehouse }) {
  const authorities = [double.ca, gatehouse.certificate].filter(Boolean);
  const connect = buildConnector({ ca: authorities.map((file) => readFileSync(file)) });
  const led = (target, callback) => connect({ ...target, ...place(double, target) }, callback);
  setGlobalDispatcher(new Agent({ connect: led }));
}

/** An agent for libraries that do not call `fetch`. */
export class LeadingAgent extends https.Agent {
  constructor(double) {
    super({ ca: readFileSync(double.ca) });
    this.double = double;
  }

  createConnection(options, callback) {
    const { hostname, port, servername } = place(this.double, { protocol: "https:", hostname: options.host });
    return super.createConnection({ ...options, host: hostname, port, servername }, callback);
  }
}
