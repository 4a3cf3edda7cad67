// Calls an endpoint of the emulator at argv[2] in many ways, all at once. It prints how each call ended, by its name,
// which is also the prompt that the emulator gets.
import { once } from "node:events";
import { createServer } from "node:http";
import { ApiError, createFalClient } from "@fal-ai/client";
import { FalError, fal, typed } from "fal-endpoints";
import * as pika from "fal-endpoints/fal-ai/pika/v2.2/image-to-video";

const [, , baseUrl] = process.argv;
const configuration = { credentials: "any", proxyUrl: { url: `${baseUrl}/`, when: "always" } };
fal.config(configuration);

const input = (prompt) => ({ image_url: "https://example.com/a.png", prompt });
const faults = (text, name = "") => ({ headers: { "X-Emulate": text, "X-Call": name } });
const brisk = { pollInterval: 10 };
const running = faults("running=60");

// A client whose requests pass through a function.
function through(intercept) {
  return createFalClient({
    ...configuration,
    fetch: (url, options) => intercept(url, options) ?? fetch(url, options),
  });
}

const faulty = (text, name) =>
  through((url, options) =>
    options.method === "POST"
      ? fetch(url, { ...options, headers: { ...options.headers, ...faults(text, name).headers } })
      : undefined,
  );

// A client of a server that streams events, and then ends, fails, or never ends.
function streaming(events, end, note = () => {}) {
  const bytes = events.map((data) => new TextEncoder().encode(`data: ${data}\n\n`));
  const fetch = async (url, options) => {
    note(url, options);
    const body = new ReadableStream({
      start(controller) {
        options.signal.addEventListener("abort", () => controller.error(options.signal.reason));
      },
      pull(controller) {
        if (bytes.length) controller.enqueue(bytes.shift());
        else if (end === undefined) controller.close();
        else if (end !== "never") controller.error(end);
      },
    });
    const headers = { "content-type": "text/event-stream", "x-fal-request-id": "r1" };
    return new Response(body, { headers });
  };
  return createFalClient({ credentials: "any", fetch });
}

// A client of a server that accepts every job, and answers as it is told.
function scripted(result, code, status, urls = []) {
  const answer = (body, code) =>
    new Response(JSON.stringify(body), { status: code, headers: { "x-fal-request-id": "r1" } });
  return createFalClient({
    credentials: "any",
    fetch: async (url, { method }) => {
      urls.push(`${url}`);
      const withPassword = "https://a:b@queue.fal.run/x/requests/r1";
      if (method === "POST") return answer({ request_id: "r1", response_url: withPassword }, 200);
      if (`${url}`.includes("/status")) return answer(status ?? { status: "COMPLETED" }, 200);
      return answer(result, code);
    },
  });
}

function brokenOnce(method) {
  let isBroken = false;
  return through((url, options) => {
    if (options.method !== method || isBroken) return undefined;
    isBroken = true;
    return Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } }));
  });
}

async function collect(events) {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
}

// Resolves with the body and the headers of the webhook that fal posts.
function webhook(prompt) {
  return new Promise((resolve, reject) => {
    const server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end();
      server.close();
      resolve({ headers: request.headers, body: Buffer.concat(chunks) });
    });
    server.listen(0, "127.0.0.1", () => {
      const webhookUrl = `http://127.0.0.1:${server.address().port}/`;
      pika.submit(input(prompt), { webhookUrl }).catch(reject);
    });
  });
}

const calls = {
  // A submission that may have been accepted.
  lost: (name) => pika.submit(input(name), faults("drop=after")),
  dropped: (name) => pika.submit(input(name), faults("drop=before")),
  truncated: (name) => pika.submit(input(name), faults("truncate")),
  gateway: (name) => pika.submit(input(name), faults("proxy-error=502", name)),
  "subscribe lost": (name) => pika.subscribe(input(name), faults("drop=after")),
  "by id lost": (name) =>
    fal.subscribe(pika.endpointId, { input: input(name), ...faults("drop=after") }),
  "queue lost": (name) =>
    fal.queue.submit(pika.endpointId, { input: input(name), ...faults("drop=after") }),
  "run lost": (name) => pika.run(input(name), { client: faulty("drop=after") }),
  "stream lost": (name) => pika.stream(input(name), { client: faulty("drop=after") }),
  "stream dropped": (name) => pika.stream(input(name), { client: faulty("drop=before") }),
  redirected: (name) =>
    pika.submit(input(name), {
      client: through(() => Promise.resolve(new Response(null, { status: 307 }))),
    }),

  // One that certainly was not.
  refused: (name) => pika.submit(input(name), faults("refuse", name)),
  invalid: (name) => pika.subscribe({ prompt: name }, brisk),
  busy: (name) => pika.subscribe(input(name), { ...faults("rate-limit=0; times=1", name), ...brisk }),
  unreached: (name) => pika.subscribe(input(name), { client: brokenOnce("POST"), ...brisk }),
  unreachable: async (name) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${server.address().port}/`;
    server.close();
    return pika.submit(input(name), {
      client: createFalClient({ proxyUrl: { url, when: "always" } }),
    });
  },
  "no id": (name) => fal.subscribe("../x", { input: input(name) }),

  // Streams.
  "stream refused": (name) => pika.stream(input(name), { client: faulty("refuse", name) }),
  "stream invalid": (name) => fal.stream(pika.endpointId, { input: { prompt: name } }),
  "stream busy": async (name) =>
    (await pika.stream(input(name), { client: faulty("rate-limit=0; times=1; on=stream", name) })).done(),
  "stream results": async () => {
    const stream = await pika.stream({}, { client: streaming(["{}", "[1]"]) });
    const heard = [];
    for (const type of ["data", "done", "error"]) stream.on(type, (event) => heard.push([type, event]));
    const { requestId } = stream;
    return { requestId, iterated: await collect(stream), last: await stream.done(), heard };
  },
  "stream broken": async () => {
    const stream = await pika.stream({}, { client: streaming(["1"], new TypeError("terminated")) });
    const seen = [];
    try {
      for await (const result of stream) seen.push(result);
    } catch (error) {
      error.message += ` after ${seen}`;
      if ((await stream.done().catch((same) => same)) === error) throw error;
    }
  },
  "stream empty": async () => (await pika.stream({}, { client: streaming([]) })).done(),
  "stream ended": async () => {
    const stream = await pika.stream({}, { client: streaming(["1"], "never") });
    const seen = [];
    for await (const result of stream) {
      seen.push(result);
      stream.abort();
    }
    return [...seen, await stream.done()];
  },
  "stream aborted": (name) => {
    const controller = new AbortController();
    const client = through((url, options) => {
      controller.abort(new Error("enough"));
      return fetch(url, options);
    });
    return pika.stream(input(name), { client, signal: controller.signal });
  },
  "stream with a token": async () => {
    const sent = [];
    const client = streaming(["1"], undefined, (...request) => sent.push(request));
    const tokenProvider = async (path) => `token of ${path}`;
    const options = { connectionMode: "client", tokenProvider, queryParams: { a: "b" } };
    await (await pika.stream({}, { client, ...options })).done();
    const [[url, { headers }]] = sent;
    return [url, Object.keys(headers)];
  },

  // Results.
  costly: (name) => pika.subscribe(input(name), { ...faults("billable-units=3"), ...brisk }),
  "run result": (name) => pika.run(input(name)),
  "another client": (name) =>
    pika.subscribe(input(name), { client: typed(createFalClient(configuration)), ...brisk }),
  "model error": (name) => pika.subscribe(input(name), { ...faults("model-error"), ...brisk }),
  "infrastructure error": (name) =>
    pika.subscribe(input(name), { ...faults("infrastructure-error"), ...brisk }),
  "status lost": (name) =>
    pika.subscribe(input(name), { ...faults("drop=after; on=status; times=1"), ...brisk }),
  "result lost": (name) =>
    pika.subscribe(input(name), { ...faults("proxy-error=503; on=result; times=1"), ...brisk }),
  streamed: async (name) => {
    const states = [];
    const onQueueUpdate = (status) => states.push(status);
    await pika.subscribe(input(name), { mode: "streaming", logs: true, onQueueUpdate });
    return states;
  },
  "streamed no further": async (name) => {
    const options = faults("truncate; on=events");
    const { data } = await pika.subscribe(input(name), { ...options, mode: "streaming", ...brisk });
    return data;
  },

  // Answers of other servers at fal's address.
  "odd detail": (name) => pika.subscribe(input(name), { client: scripted({ detail: [{ toString: 1 }] }, 403) }),
  "key repeated": (name) => {
    const fetch = async (url, { headers }) => {
      const detail = `${headers.authorization} is wrong: secret-of-the-key`;
      return new Response(JSON.stringify({ detail }), { status: 401 });
    };
    return pika.subscribe(input(name), {
      client: createFalClient({ credentials: "id:secret-of-the-key", fetch }),
    });
  },
  "odd place": (name) =>
    pika.subscribe(input(name), {
      client: scripted({ detail: [{ loc: ["body", { toString: 1 }, 0], msg: "odd" }] }, 422),
    }),
  "odd failure": (name) =>
    pika.subscribe(input(name), {
      client: scripted({}, 200, { status: "FAILED", error: { message: "a\nb" } }),
    }),
  "failure in lines": (name) =>
    pika.subscribe(input(name), {
      client: scripted({}, 200, { status: "COMPLETED", error: "\u001b[31mred\nand more" }),
    }),
  "odd logs": async (name) => {
    const states = [];
    const onQueueUpdate = (status) => states.push(status.logs);
    await pika.subscribe(input(name), {
      client: scripted({}, 200, { status: "COMPLETED", logs: 5 }),
      onQueueUpdate,
    });
    return states;
  },
  "odd addresses": async (name) => {
    const urls = [];
    const client = scripted({}, 200, { status: "COMPLETED" }, urls);
    await pika.subscribe(input(name), { client });
    return urls;
  },

  // Handles.
  handle: async (name) => {
    const submitted = await pika.submit(input(name));
    const handle = pika.handle(submitted.requestId);
    const states = await collect(handle.events({ logs: true, ...brisk }));
    const status = await handle.status();
    return { states, status, result: await handle.result(), is: handle.requestId };
  },
  cancelled: async (name) => {
    const handle = await pika.submit(input(name), running);
    const isCancelled = await handle.cancel();
    return [isCancelled, (await collect(handle.events(brisk))).at(-1).status, await handle.cancel()];
  },
  "wait aborted": async (name) => {
    const handle = await pika.submit(input(name), running);
    const reason = await handle.result({ abortSignal: AbortSignal.abort("enough") }).catch(String);
    return { reason, ...(await handle.status()) };
  },
  "no such request": () => pika.result("00000000-0000-0000-0000-000000000000"),
  "no such young request": () => {
    const now = Date.now().toString(16).padStart(12, "0");
    return pika.result(`${now.slice(0, 8)}-${now.slice(8)}-7000-8000-000000000000`);
  },
  "no time": (name) => pika.subscribe(input(name), { ...brisk, timeout: 0 }),
  "no time to start": (name) => pika.submit(input(name), { startTimeout: 1 }),
  "no time between": (name) => pika.subscribe(input(name), { pollInterval: NaN }),
  "no time for the result": () =>
    pika.handle("00000000-0000-0000-0000-000000000000").result({ pollInterval: -1 }),
  "no request id": () => pika.result(".."),

  // Callers who leave.
  aborted: (name) => {
    const controller = new AbortController();
    const onQueueUpdate = () => controller.abort(new Error("enough"));
    return pika.subscribe(input(name), {
      ...running,
      ...brisk,
      onQueueUpdate,
      abortSignal: controller.signal,
    });
  },
  "aborted while submitting": (name) => {
    const controller = new AbortController();
    const client = through(async (url, options) => {
      if (options.method !== "POST") return fetch(url, options);
      controller.abort(new Error("enough"));
      return fetch(url, options);
    });
    return pika.submit(input(name), { ...running, client, abortSignal: controller.signal });
  },
  "aborted before": (name) =>
    pika.subscribe(input(name), { abortSignal: AbortSignal.abort(new Error("enough")) }),
  late: (name) => pika.subscribe(input(name), { ...running, ...brisk, timeout: 1000 }),
  "not late": (name) =>
    pika.subscribe(input(name), { ...faults("running=0.3"), ...brisk, timeout: Infinity }),
  patient: async (name) => {
    let asked = 0;
    const controller = new AbortController();
    const client = through((url, { headers }) => {
      if (!headers["x-fal-target-url"].includes("/status")) return undefined;
      if (!asked) setTimeout(() => controller.abort("enough"), 300);
      asked += 1;
      return undefined;
    });
    const options = { pollInterval: 2 ** 31, abortSignal: controller.signal };
    const handle = await pika.submit(input(name), { ...running, client });
    await handle.result(options).catch(String);
    return asked;
  },
  "callback fails": (name) => {
    const onEnqueue = () => {
      throw new Error("not mine");
    };
    return pika.subscribe(input(name), { ...running, onEnqueue });
  },

  // Webhooks.
  webhook: async (name) => {
    const { headers, body } = await webhook(name);
    const forged = { ...headers, "x-fal-webhook-user-id": "other" };
    const old = { ...headers, "x-fal-webhook-timestamp": "1700000000" };
    const { "x-fal-webhook-signature": _, ...unsigned } = headers;
    const rejected = [forged, old, unsigned].map((each) => pika.webhook(each, body).catch(String));
    const other = pika.webhook(headers, `${body} `).catch(String);
    return {
      accepted: await pika.webhook(new Headers(headers), body),
      rejected: await Promise.all([...rejected, other]),
    };
  },
};

// Receives a webhook with fal's keys, and three more after an hour, while fal is down.
async function outage() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const { x } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  let fetches = 0;
  let isDown = false;
  const client = createFalClient({
    credentials: "any",
    fetch: async () => {
      fetches += 1;
      const status = isDown ? 500 : 200;
      return new Response(JSON.stringify({ keys: [{ x: { toString: 1 } }, null, { x }] }), { status });
    },
  });
  const body = new TextEncoder().encode('{"request_id":"r","status":"OK","payload":1}');
  const hex = (bytes) => Buffer.from(bytes).toString("hex");
  const signed = async (time) => {
    const values = ["r", "u", `${Math.floor(time / 1000)}`];
    const digest = hex(await crypto.subtle.digest("SHA-256", body));
    const message = new TextEncoder().encode([...values, digest].join("\n"));
    const names = ["request-id", "user-id", "timestamp", "signature"];
    values.push(hex(await crypto.subtle.sign("Ed25519", pair.privateKey, message)));
    return Object.fromEntries(names.map((name, at) => [`x-fal-webhook-${name}`, values[at]]));
  };
  const receive = async () => pika.webhook(await signed(Date.now()), body, { client });
  const before = (await receive()).output;
  const now = Date.now() + 3_700_000;
  Date.now = () => now;
  isDown = true;
  const after = [await receive(), await receive(), await receive()];
  return [before, ...after.map(({ output }) => output), fetches];
}

async function ended(name, call) {
  try {
    return { value: await call(name) };
  } catch (error) {
    const { name: type, message, status, requestId } = error;
    const isKnown = error instanceof ApiError || error instanceof FalError;
    return { error: { type, message, status, requestId, isKnown } };
  }
}

const entries = Object.entries(calls).map(async ([name, call]) => [name, await ended(name, call)]);
const results = Object.fromEntries(await Promise.all(entries));
results.outage = await ended("outage", outage); // last, because it sets the clock
console.log(JSON.stringify(results));
