import { isFromFal, judgeRead, judgeResult, judgeStatus, judgeSubmission } from "./acceptance.js";
import { ConnectionFailed, SubmissionUncertain } from "./errors.js";
import { delayed, sleep } from "./signals.js";

// How each kind of request is sent. One that is sent `once` is sent again only if the server
// certainly did not act on it, and an abort waits for its answer, which names the job to cancel.
// The answer to one that is `streamed` is not read here, and an abort ends it at once.
export const SUBMIT = { judge: judgeSubmission, once: true };
export const STREAM = { judge: judgeSubmission, once: true, streamed: true };
export const READ = { judge: judgeRead };
export const STATUS = { judge: judgeStatus };
export const RESULT = { judge: judgeResult };

const ATTEMPTS = 5;
const PAUSE = 200; // milliseconds, doubled after each attempt
const LONGEST_PAUSE = 60_000;
const GRACE = 5_000; // milliseconds that an abort waits for the answer to a submission

const SHORTEST_SECRET = 16; // anything shorter is a placeholder, which other text may contain

const NOT_AGAIN = "it may have been accepted, so it was not sent again";

// No connection was made, so the server got nothing.
const UNREACHED = new Set(["EAI_AGAIN", "ECONNREFUSED", "ENOTFOUND", "UND_ERR_CONNECT_TIMEOUT"]);

// Sends a request, again where that is safe, and returns the answer: its status, headers and body.
export async function deliver(configuration, request, policy, signal) {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const prepared = await prepare(configuration, request);
    signal?.throwIfAborted();
    const isLast = attempt >= ATTEMPTS;
    let pause = Math.min(PAUSE * 2 ** (attempt - 1) * (0.5 + Math.random()), LONGEST_PAUSE);
    let answer;
    try {
      answer = await send(configuration, prepared, policy, signal);
    } catch (error) {
      const details = { ...request.subject, cause: error };
      if (policy.streamed) signal.throwIfAborted();
      const isUnsent = isUnreached(error);
      if (policy.once && !isUnsent) {
        throw new SubmissionUncertain(`no answer (${reason(error)}); ${NOT_AGAIN}`, details);
      }
      signal?.throwIfAborted();
      if (isLast) {
        const failed = `${request.method} ${request.url} failed ${attempt} times`;
        const hint = emulatorHint(error, prepared.url);
        throw new ConnectionFailed(`${failed} (${reason(error)})${hint}`, details);
      }
    }
    if (answer) {
      const verdict = policy.judge(answer);
      if (verdict === "uncertain") {
        const status = answer.status ? `HTTP ${answer.status}` : "a redirect";
        const source = isFromFal(answer.headers) ? "" : ", but not from fal itself";
        throw new SubmissionUncertain(`${status}${source}; ${NOT_AGAIN}`, request.subject);
      }
      const asked = retryAfter(answer.headers);
      if (verdict !== "turned away" || isLast || asked > LONGEST_PAUSE) return answer;
      pause = Math.max(pause, asked);
    }
    await sleep(pause, signal);
  }
}

// Opens a stream of server-sent events; undefined if the server has none. It is tried once.
export async function open(configuration, request, signal) {
  const headers = { ...request.headers, accept: "text/event-stream" };
  const { url, ...options } = await prepare(configuration, { ...request, headers });
  const response = await configuration.fetch(url, { ...options, signal });
  if (response.ok && isEventStream(response.headers)) return response.body;
  await response.body?.cancel();
  return undefined;
}

// The request as the client's configuration wants it: with credentials, or to a proxy.
async function prepare({ credentials, requestMiddleware }, request) {
  const key = typeof credentials === "function" ? credentials() : credentials;
  const { url, method, headers } = await requestMiddleware({
    url: request.url,
    method: request.method,
    headers: request.headers ?? {},
  });
  const sent = new Headers({ accept: "application/json" });
  if (key) sent.set("authorization", `Key ${key}`);
  if (request.body !== undefined) sent.set("content-type", "application/json");
  for (const [name, value] of Object.entries(headers ?? {})) sent.set(name, value);
  const { body } = request;
  return { url, method, headers: Object.fromEntries(sent), body, redirect: "manual" };
}

async function send({ fetch }, { url, ...options }, { once, streamed }, signal) {
  const limit = once && !streamed ? delayed(signal, GRACE) : { signal, release() {} };
  try {
    const response = await fetch(url, { ...options, signal: limit.signal });
    const { status, statusText, headers } = response;
    const body =
      streamed && response.ok ? response.body : decoded(await textOf(response, options.headers));
    return { status, statusText, headers, body };
  } finally {
    limit.release();
  }
}

// The text of a response. Some gateways repeat the headers of a request that they reject, and
// messages repeat their text, so the text of an error has no key.
async function textOf(response, { authorization = "" }) {
  const text = await response.text();
  if (response.ok) return text;
  const key = authorization.slice(authorization.indexOf(" ") + 1);
  return [key, key.slice(key.lastIndexOf(":") + 1)]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
}

export function isEventStream(headers) {
  return headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

// A value of JSON, or the text if it is none.
export function decoded(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// Node says why `fetch` failed in the cause, of which a host with several addresses has several.
function isUnreached(error) {
  const causes = error?.cause?.errors ?? [error?.cause];
  return causes.length > 0 && causes.every((cause) => UNREACHED.has(cause?.code));
}

// A question about a server on this machine that refuses the connection.
function emulatorHint(error, url) {
  const here = /^https?:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?(?=\/|$)/.exec(url);
  return here && isUnreached(error) ? `; is \`fal-codegen emulate\` running at ${here[0]}?` : "";
}

export function reason(error) {
  const cause = error?.cause?.code ?? error?.cause?.message;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return cause ? `${text}, ${cause}` : text;
}

// The milliseconds of the header `Retry-After` (RFC 9110, 10.2.3), or 0 without one.
function retryAfter(headers) {
  const value = headers.get("retry-after") ?? "";
  const pause = /^\d+(\.\d+)?$/.test(value) ? value * 1000 : Date.parse(value) - Date.now();
  return pause > 0 ? pause : 0;
}
