import { isSuccess } from "./acceptance.js";
import { configurationOf } from "./configuration.js";
import { UnexpectedResponse, WebhookError, apiError, failure, line } from "./errors.js";
import { READ, deliver } from "./transport.js";
import { REST, isRequestId } from "./urls.js";

const TOLERANCE = 300; // seconds by which the sender's clock may differ (fal's documentation)
const FRESH = 3_600_000; // milliseconds
const LIFETIME = 24 * FRESH; // if newer keys cannot be fetched (fal's documentation)
const PAUSE = 60_000; // milliseconds between two fetches because of unknown signatures, or after a failed one

// fal signs these values joined by line breaks, so none may contain one.
const SIGNED = {
  "x-fal-webhook-request-id": /^[ -~]+$/,
  "x-fal-webhook-user-id": /^[ -~]+$/,
  "x-fal-webhook-timestamp": /^[0-9]{1,12}$/,
};
const SIGNATURE = { "x-fal-webhook-signature": /^[0-9a-fA-F]{128}$/ };

// The keys of each client: a client may ask a server of its own.
const keysOf = new WeakMap();

// Verifies that fal signed a webhook, and returns its content.
export async function received(client, endpointId, headers, body) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  await verify(client, headers, bytes);
  return contentOf(endpointId, new TextDecoder().decode(bytes));
}

async function verify(client, headers, body) {
  const values = Object.entries(SIGNED).map((expected) => header(headers, ...expected));
  const [signature] = Object.entries(SIGNATURE).map((expected) => header(headers, ...expected));
  const age = Date.now() / 1000 - Number(values[2]);
  if (Math.abs(age) > TOLERANCE) {
    const when = `${Math.round(Math.abs(age))} seconds ${age > 0 ? "ago" : "in the future"}`;
    throw new WebhookError(`the webhook was signed ${when}; at most ${TOLERANCE} are allowed`);
  }
  if (!globalThis.crypto?.subtle) throw new WebhookError("Web Crypto is missing: use Node 20");
  const digest = hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", body)));
  const message = new TextEncoder().encode([...values, digest].join("\n"));
  const keys = keysOf.get(client) ?? new Keys(client);
  keysOf.set(client, keys);
  if (!(await keys.verify(bytesOf(signature), message))) {
    throw new WebhookError("the webhook's signature is not fal's");
  }
}

class Keys {
  #client;
  #keys = [];
  #fetched = -Infinity;
  #freshUntil = -Infinity;
  #mayAskFrom = -Infinity;
  #pending;

  constructor(client) {
    this.#client = client;
  }

  async verify(signature, message) {
    const started = Date.now();
    if (started >= this.#freshUntil) await this.#renewed();
    if (await this.#isSigned(signature, message)) return true;
    // fal may have a new key. Forged webhooks must not cause a fetch each.
    if (this.#fetched >= started || started < this.#mayAskFrom) return false;
    this.#mayAskFrom = started + PAUSE;
    await this.#fetch();
    return this.#isSigned(signature, message);
  }

  async #isSigned(signature, message) {
    for (const key of this.#keys) {
      if (await crypto.subtle.verify("Ed25519", key, signature, message)) return true;
    }
    return false;
  }

  // Fetches newer keys; if that fails, the last ones serve for a day.
  async #renewed() {
    try {
      await this.#fetch();
    } catch (error) {
      if (Date.now() >= this.#fetched + LIFETIME) throw error;
      this.#freshUntil = Date.now() + PAUSE;
    }
  }

  // One fetch serves all webhooks that wait for it.
  #fetch() {
    this.#pending ??= this.#load().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #load() {
    const url = `${REST}/.well-known/jwks.json`;
    const configuration = await configurationOf(this.#client);
    const answer = await deliver(configuration, { method: "GET", url, subject: {} }, READ);
    if (!isSuccess(answer.status)) throw apiError(answer, {});
    const entries = Array.isArray(answer.body?.keys) ? answer.body.keys : [];
    const found = (await Promise.all(entries.map(publicKey))).filter(Boolean);
    if (!found.length) throw new UnexpectedResponse(`${url} has no keys`, answer.body);
    this.#keys = found;
    this.#fetched = Date.now();
    this.#freshUntil = this.#fetched + FRESH;
  }
}

// The Ed25519 key in a JSON Web Key (RFC 8037), if it is one.
async function publicKey(entry) {
  const { kty = "OKP", x } = entry ?? {};
  if (kty !== "OKP" || typeof x !== "string" || !/^[A-Za-z0-9_-]{43}=?$/.test(x)) return undefined;
  const key = { kty, crv: "Ed25519", x: x.slice(0, 43) };
  return crypto.subtle.importKey("jwk", key, "Ed25519", false, ["verify"]).catch(() => undefined);
}

function contentOf(endpointId, text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new UnexpectedResponse("the webhook is not JSON", text, { endpointId, cause });
  }
  const requestId = body?.request_id;
  if (!isRequestId(requestId)) {
    throw new UnexpectedResponse("the webhook has no request id", body, { endpointId });
  }
  if (body.status === "OK" && body.payload_error == null) {
    return { status: "OK", requestId, output: body.payload };
  }
  const reason = line(body.error ?? body.payload_error ?? "the request failed");
  const code = /Invalid status code: ([1-5][0-9]{2})\b/.exec(reason)?.[1] ?? 200;
  const answer = { status: Number(code), body: body.payload };
  return { status: "ERROR", requestId, error: failure(reason, answer, { endpointId, requestId }) };
}

// The only value of a header, from `Headers` or from an object as `node:http` has it.
function header(headers, name, format) {
  const entries = typeof headers.entries === "function" ? headers.entries() : Object.entries(headers);
  const values = [...entries].filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  const [value] = values.flat();
  if (value === undefined) throw new WebhookError(`the webhook's headers lack ${name}`);
  if (values.flat().length > 1 || !format.test(value)) {
    throw new WebhookError(`the webhook's header ${name} does not have fal's format`);
  }
  return value;
}

function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}
