// The provider double and the gatehouse binary as child processes, each with its own directory and free ports.

import { strict as assert } from "node:assert";
import { execFile, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const BIN_DIR = process.env.GATEHOUSE_BIN_DIR ?? join(import.meta.dirname, "../../../target/debug");
const START_MS = 60_000;
const END_MS = 30_000;
// Between two looks at something that another process is about to do.
const LOOK_MS = 5;

export const KEY = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
export const PROVIDER_HOST = "api.openai.com";
export const AZURE_HOST = "acme.openai.azure.com";

// Every child and every directory is seen to when this process exits.
process.setMaxListeners(0);

/** Returns the first true answer of `look`, asked again and again for at most `ms`. */
export async function until(look, ms, what) {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await look();
    if (answer) return answer;
    assert.ok(performance.now() < deadline, `not within ${ms} ms: ${what}`);
    await pause(LOOK_MS);
  }
}

/** A child that is ended by its id and whose output is kept. */
class Process {
  output = "";

  constructor(name, args) {
    this.binary = join(BIN_DIR, name);
    assert.ok(existsSync(this.binary), `${this.binary} is missing: cargo build -p gatehouse -p gatehouse-testkit`);
    // Little is inherited: a developer's own GATEHOUSE_* settings must not change what a test shows.
    const { PATH, LD_LIBRARY_PATH } = process.env;
    const env = LD_LIBRARY_PATH ? { PATH, LD_LIBRARY_PATH } : { PATH };
    this.child = spawn(this.binary, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    // Whatever happens to the tests, the child neither holds them up nor outlives them.
    this.child.unref();
    process.once("exit", () => this.child.kill("SIGKILL"));
    this.ended = new Promise((resolve) => this.child.once("close", (code, signal) => resolve(code ?? signal)));
    for (const pipe of [this.child.stdout, this.child.stderr]) {
      pipe.unref();
      pipe.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
  }

  /** Returns the first group of `pattern` in the output, as soon as it is there. */
  async find(pattern) {
    const found = await until(
      () => {
        const { exitCode, signalCode } = this.child;
        const match = this.output.match(pattern);
        assert.ok(match || (exitCode === null && signalCode === null), `${this.binary} ended:\n${this.output}`);
        return match;
      },
      START_MS,
      `${pattern} from ${this.binary}`,
    );
    return found[1];
  }

  /** Asks the child to end and insists that it does so in good order. */
  async stop() {
    this.child.kill("SIGTERM");
    const deadline = setTimeout(() => this.child.kill("SIGKILL"), END_MS);
    const status = await this.ended;
    clearTimeout(deadline);
    assert.equal(status, 0, `${this.binary} ended with ${status}:\n${this.output}`);
  }
}

/** The scripted provider; answers as api.openai.com and tells what it received. */
class Double extends Process {
  static async start(directory) {
    const double = new Double("provider-double", ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--dir", directory]);
    double.port = Number(await double.find(/^provider https:\/\/127\.0\.0\.1:(\d+)$/m));
    double.admin = await double.find(/^admin (http:\S+)$/m);
    double.ca = await double.find(/^ca (\S+)$/m);
    // The section ends with an empty line.
    double.upstreamToml = await double.find(/^(\[upstream\]\n[^]*?\[upstream\.resolve\]\n[^]*?\n)\n/m);
    return double;
  }

  /** Returns what came since the last `clear`, oldest first. */
  async requests() {
    const { requests } = await (await fetch(`${this.admin}/requests`)).json();
    return requests.map((request) => ({ ...request, body: Buffer.from(request.body_base64, "base64") }));
  }

  /** Forgets what came. */
  async clear() {
    await (await fetch(`${this.admin}/requests`, { method: "DELETE" })).text();
  }
}

/** A provider of identities, which lets in whoever asks, as Ada. */
class IdentityProvider extends Process {
  static async start(directory) {
    const provider = new IdentityProvider("identity-double", ["--dir", directory]);
    provider.issuer = await provider.find(/^issuer (https:\S+)$/m);
    provider.clientId = await provider.find(/^client_id (.+)$/m);
    provider.clientSecret = await provider.find(/^client_secret (.+)$/m);
    return provider;
  }
}

/** The server under test, led to the double by the configuration that the double prints. */
class Gatehouse extends Process {
  static async start(directory, double, options) {
    const config = join(directory, "gatehouse.toml");
    const gateway = ["[gateway]", 'listen = "127.0.0.1:0"'];
    let certificate;
    if (options.tls) {
      certificate = await makeCertificate(directory);
      gateway.push(`tls_cert = "${certificate.cert}"`, `tls_key = "${certificate.key}"`);
    }
    const sections = [
      `data_dir = "${directory}/data"`,
      gateway.join("\n"),
      '[api]\nlisten = "127.0.0.1:0"',
      `[bootstrap]\napi_key = "${KEY}"`,
      upstreamToml(double, options),
      signInToml(options),
    ];
    await writeFile(config, sections.join("\n"));
    const gatehouse = new Gatehouse("gatehouse", ["serve", "--config", config]);
    gatehouse.certificate = certificate?.cert;
    gatehouse.gateway = await gatehouse.find(/^\s*gateway\s+(https?:\S+)/m);
    gatehouse.port = new URL(gatehouse.gateway).port;
    gatehouse.api = await gatehouse.find(/^\s*api\s+(http:\S+)/m);
    await until(async () => (await fetch(`${gatehouse.api}/readyz`)).status === 200, START_MS, "ready");
    return gatehouse;
  }

  /** Returns the logged call with its bodies, or null while there is none. */
  async row(requestId) {
    const url = `${this.api}/v1/request/${requestId}?includeBody=true`;
    const response = await fetch(url, { headers: { Authorization: `Bearer ${KEY}` } });
    const answer = await response.json();
    assert.ok([200, 404].includes(response.status), JSON.stringify(answer));
    return answer.data;
  }
}

/** Returns where providers are: the double's addresses, and those that `options` add. */
function upstreamToml({ upstreamToml: section }, { nameserver, plain }) {
  const [head, ...resolve] = section.trimEnd().split("\n");
  const settings = [];
  if (nameserver) settings.push(`dns_server = "${nameserver}"`);
  if (!plain) return [head, ...settings, ...resolve].join("\n");
  settings.push("allow_http = true");
  const places = Object.entries(plain).map(([host, address]) => `"${host}:80" = "${address}"`);
  return [head, ...settings, ...resolve, ...places, "[domains]", "requests_per_second = 1000"].join("\n");
}

/** Returns how people sign in, where `options` name a provider at which they may. */
function signInToml({ publicUrl, identities }) {
  if (!identities) return "";
  const { issuer, clientId, clientSecret } = identities;
  const values = { issuer, client_id: clientId, client_secret: clientSecret, name: "Keycloak" };
  const oidc = Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return ["[sign_in]", `public_url = "${publicUrl}"`, "[sign_in.oidc]", ...oidc, 'allowed_domains = ["example.com"]'].join("\n");
}

/** Makes a certificate for localhost that signs itself, and returns the paths of it and its key. */
async function makeCertificate(directory) {
  const [cert, key] = ["gateway.pem", "gateway-key.pem"].map((name) => join(directory, name));
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await promisify(execFile)("openssl", ["req", ...kind, ...names, "-out", cert, "-keyout", key]);
  return { cert, key };
}

/**
 * Starts a double and a gatehouse in a new directory, which is removed in the end; `stop` ends both.
 *
 * With `tls` the gateway's listener speaks TLS, and `gatehouse.certificate` is the file of its certificate.
 * With `nameserver` it asks the one at that address.
 * With `plain` it reaches further hosts without TLS, each at its address, as often as they are called.
 * With `publicUrl`, where browsers find it, there is a provider of identities too, at which people may sign in.
 */
export async function start(options = {}) {
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-clients-"));
  process.once("exit", () => rmSync(directory, { recursive: true }));
  const double = await Double.start(directory);
  const identities = options.publicUrl && (await IdentityProvider.start(directory));
  const gatehouse = await Gatehouse.start(directory, double, { ...options, identities });
  const stop = async () => {
    await gatehouse.stop();
    await identities?.stop();
    await double.stop();
  };
  return { directory, double, gatehouse, stop };
}
