import { isPending, isSuccess } from "./acceptance.js";
import { configurationOf } from "./configuration.js";
import { UnexpectedResponse, apiError, failure, line } from "./errors.js";
import { eventsOf } from "./events.js";
import { checkTimes } from "./options.js";
import { sleep } from "./signals.js";
import { isOver, statusIn } from "./status.js";
import { READ, RESULT, STATUS, deliver, open } from "./transport.js";
import { urlsOf } from "./urls.js";

// Milliseconds between two questions for the state: they grow to a tenth of the time so far.
const FIRST_PAUSE = 100;
const GROWTH = 3;
const SHARE = 0.1;
const LONGEST_PAUSES = [1_250, 5_000];

export class Handle {
  #client;
  #urls;

  constructor(client, endpointId, requestId, urls = urlsOf(endpointId, requestId)) {
    this.#client = client;
    this.#urls = urls;
    this.endpointId = endpointId;
    this.requestId = requestId;
  }

  async status({ logs = false, abortSignal } = {}) {
    const answer = await this.#ask("GET", withLogs(this.#urls.status, logs), STATUS, abortSignal);
    return this.#status(answer.body);
  }

  async *events(options = {}) {
    let last;
    for await (const status of this.#states(options)) {
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
    }
  }

  async result({ onQueueUpdate, ...options } = {}) {
    let last;
    for await (last of this.events(options)) onQueueUpdate?.(last);
    if (last.status !== "COMPLETED") {
      const message = line(last.error ?? `the job ended as ${last.status}`);
      throw failure(message, { status: 200, body: last }, this);
    }
    // The result of a failed job is an error with more details than the status.
    const answer = await this.#ask("GET", this.#urls.response, RESULT, options.abortSignal);
    if (isPending(answer)) {
      const message = "the job is over, but the server does not have its result yet: try again";
      throw new UnexpectedResponse(message, answer.body, this);
    }
    if (typeof last.error === "string") throw failure(line(last.error), answer, this);
    return resultOf(answer, this.requestId);
  }

  async cancel({ abortSignal } = {}) {
    const answer = await this.#send("PUT", this.#urls.cancel, READ, abortSignal);
    if (answer.status === 400) return false; // the job is over, or cannot be cancelled
    this.#check(answer);
    return true;
  }

  async *#states({ logs = false, mode = "polling", pollInterval, abortSignal }) {
    checkTimes({ pollInterval });
    if (mode === "streaming") {
      for await (const status of this.#streamed(logs, abortSignal)) {
        yield status;
        if (isOver(status)) return;
      }
    }
    for (const pause of pauses(pollInterval)) {
      const status = await this.status({ logs, abortSignal });
      yield status;
      if (isOver(status)) return;
      await sleep(pause, abortSignal);
    }
  }

  // The states that fal sends, until its stream ends or breaks.
  async *#streamed(logs, signal) {
    const url = withLogs(`${this.#urls.status}/stream`, logs);
    const lines = [];
    try {
      const configuration = await configurationOf(this.#client);
      const body = await open(configuration, this.#request("GET", url), signal);
      for await (const event of body ? eventsOf(body) : []) {
        const status = this.#status(JSON.parse(event));
        lines.push(...(status.logs ?? [])); // an event has only the new lines
        yield status.logs ? { ...status, logs: [...lines] } : status;
      }
    } catch {
      signal?.throwIfAborted();
    }
  }

  #status(body) {
    const status = statusIn(body);
    if (status) return status;
    throw new UnexpectedResponse("the answer has no status", body, this);
  }

  async #ask(method, url, policy, signal) {
    return this.#check(await this.#send(method, url, policy, signal));
  }

  async #send(method, url, policy, signal) {
    const configuration = await configurationOf(this.#client);
    return deliver(configuration, this.#request(method, url), policy, signal);
  }

  #request(method, url) {
    const { endpointId, requestId } = this;
    return { method, url, subject: { endpointId, requestId } };
  }

  #check(answer) {
    if (isSuccess(answer.status)) return answer;
    throw apiError(answer, this);
  }
}

// The result in an answer, with what the request costs.
export function resultOf({ body, headers }, requestId) {
  const units = headers.get("x-fal-billable-units")?.trim() ?? "";
  const billableUnits = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(units) ? Number(units) : null;
  return { data: body, requestId, billableUnits };
}

function withLogs(url, logs) {
  return `${url}${url.includes("?") ? "&" : "?"}logs=${logs ? 1 : 0}`;
}

function* pauses(interval) {
  if (interval !== undefined) for (;;) yield interval;
  let elapsed = 0;
  let pause = FIRST_PAUSE;
  for (;;) {
    yield pause;
    elapsed += pause;
    const [soon, late] = LONGEST_PAUSES;
    pause = Math.min(pause * GROWTH, Math.max(soon, elapsed * SHARE), late);
  }
}
