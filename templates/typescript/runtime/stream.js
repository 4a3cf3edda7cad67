import { isSuccess } from "./acceptance.js";
import { configurationOf } from "./configuration.js";
import { ConnectionFailed, UnexpectedResponse, apiError } from "./errors.js";
import { chunksOf, eventsOf } from "./events.js";
import { limited } from "./signals.js";
import { STREAM, decoded, deliver, isEventStream, reason } from "./transport.js";
import { RUN, pathOf } from "./urls.js";

// Calls a model without the queue, once, and returns a stream of its results.
export async function stream(client, endpointId, input = {}, options = {}) {
  const life = limited(options.signal, Infinity);
  try {
    const path = `${pathOf(endpointId).replace(/\/stream$/, "")}/stream`;
    const { configuration, token } = await accessOf(client, path, options);
    const query = new URLSearchParams({ ...options.queryParams, ...token }).toString();
    const request = {
      method: "POST",
      url: `${RUN}/${path}${query && `?${query}`}`,
      headers: { accept: "text/event-stream" },
      body: JSON.stringify(await client.storage.transformInput(input)),
      subject: { endpointId },
    };
    const answer = await deliver(configuration, request, STREAM, life.signal);
    if (!isSuccess(answer.status)) throw apiError(answer, request.subject);
    return new Stream(endpointId, answer, life);
  } catch (error) {
    life.release();
    throw error;
  }
}

// It has the interface of the official client's streams. But an iteration throws the error that
// ended the stream, which is an error of this package.
class Stream {
  #listeners = { data: [], done: [], error: [] };
  #cancel;
  #unread;
  #last;

  constructor(endpointId, answer, { signal, cancel, release }) {
    this.endpointId = endpointId;
    this.requestId = answer.headers.get("x-fal-request-id") ?? "";
    this.#cancel = cancel;
    this.#unread = new ReadableStream({
      start: (unread) => {
        this.#last = this.#read(resultsIn(answer, this, signal), unread).finally(release);
      },
    });
    this.#last.catch(() => {}); // an error that nobody waits for must not end the process
  }

  on(type, listener) {
    this.#listeners[type].push(listener);
  }

  abort(cause) {
    this.#cancel(cause);
  }

  done() {
    return this.#last;
  }

  async *[Symbol.asyncIterator]() {
    const reader = this.#unread.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        yield value;
      }
    } finally {
      reader.releaseLock();
    }
    await this.#last;
  }

  async #read(results, unread) {
    let last;
    try {
      for await (const result of results) {
        last = result;
        unread.enqueue(result);
        this.#emit("data", result);
      }
    } catch (error) {
      this.#emit("error", error);
      throw error;
    } finally {
      unread.close();
    }
    this.#emit("done", last);
    return last;
  }

  #emit(type, event) {
    for (const listener of this.#listeners[type]) listener(event);
  }
}

// The results in an answer, until it or its reader ends; raw data if the answer has no events.
async function* resultsIn({ headers, body }, { endpointId, requestId }, signal) {
  let isEmpty = true;
  try {
    for await (const part of isEventStream(headers) ? eventsOf(body) : chunksOf(body)) {
      isEmpty = false;
      yield typeof part === "string" ? decoded(part) : part;
    }
  } catch (cause) {
    if (!signal.aborted) {
      const message = `the stream was interrupted (${reason(cause)})`;
      throw new ConnectionFailed(message, { endpointId, requestId, cause });
    }
  }
  if (!isEmpty) return;
  signal.throwIfAborted();
  throw new UnexpectedResponse("the stream has no result", "", { endpointId, requestId });
}

// How a stream is opened: as the client is configured, or with a temporary token.
async function accessOf(client, path, { connectionMode, tokenProvider }) {
  const configuration = await configurationOf(client);
  if (connectionMode !== "client") return { configuration };
  if (!tokenProvider) throw new TypeError("the connection mode `client` needs a `tokenProvider`");
  const { fetch } = configuration;
  const direct = { fetch, requestMiddleware: (request) => request };
  return { configuration: direct, token: { fal_jwt_token: await tokenProvider(path) } };
}
