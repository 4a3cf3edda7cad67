// What the official JavaScript client does against the emulator at argv[2], printed as one JSON object.
const { createFalClient } = require("@fal-ai/client");

const [baseUrl, endpoint] = process.argv.slice(2);
const input = { prompt: "a red fox" };
const fal = createFalClient({
  credentials: "any",
  proxyUrl: { url: `${baseUrl}/`, when: "always" },
});

const failure = (error) => ({ name: error.name, status: error.status, body: error.body });

async function main() {
  const seen = {};

  // Long enough for every state to be seen.
  const headers = { "x-emulate": "queued=1, running=0.5" };
  const noteIn = (updates) => (update) =>
    updates.push({ status: update.status, logs: update.logs?.length });
  seen.polled = [];
  seen.streamed = [];
  const polling = { mode: "polling", pollInterval: 20, onQueueUpdate: noteIn(seen.polled) };
  const streaming = { mode: "streaming", onQueueUpdate: noteIn(seen.streamed) };
  seen.subscribe = await fal.subscribe(endpoint, { input, headers, logs: true, ...polling });
  await fal.subscribe(endpoint, { input, headers, logs: true, ...streaming });

  const { request_id: requestId } = await fal.queue.submit(endpoint, {
    input,
    headers: { "x-emulate": "queued=60, ahead=2" },
  });
  seen.queued = await fal.queue.status(endpoint, { requestId });
  seen.early = await fal.queue.result(endpoint, { requestId }).catch(failure);
  await fal.queue.cancel(endpoint, { requestId });
  seen.cancelled = await fal.queue.status(endpoint, { requestId });
  seen.cancelledAgain = await fal.queue.cancel(endpoint, { requestId }).catch(failure);

  seen.wrong = await fal.subscribe(endpoint, { input: { steps: 5 } }).catch(failure);
  seen.run = await fal.run(endpoint, { input });

  const stream = await fal.stream(endpoint, { input });
  seen.stream = [];
  for await (const event of stream) seen.stream.push(event);
  await stream.done();

  // The client knows no other host for WebSockets than fal's own.
  const sockets = `${baseUrl.replace("http", "ws")}/run`;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url) {
      super(url.replace("wss://fal.run", sockets));
    }
  };
  const outputOf = (message, options = {}) =>
    new Promise((resolve) => {
      const connection = fal.realtime.connect(endpoint, {
        tokenProvider: async () => "wrong",
        ...options,
        onResult: (data) => (connection.close(), resolve({ data })),
        onError: (error) => (connection.close(), resolve(failure(error))),
      });
      connection.send(message);
    });
  const tokenProvider = async () => {
    const body = JSON.stringify({ allowed_apps: [endpoint], duration: 60 });
    const headers = { authorization: "Key any" };
    const url = `${baseUrl}/rest/tokens/realtime`;
    return (await (await fetch(url, { method: "POST", headers, body })).json()).token;
  };
  seen.realtime = await outputOf(input, { tokenProvider, maxBuffering: 2 });
  seen.realtimeByDefault = await outputOf(input, { tokenProvider: undefined });
  seen.realtimeInJson = await outputOf(input, { tokenProvider, encodeMessage: JSON.stringify });
  seen.realtimeWrong = await outputOf({ steps: 5 }, { tokenProvider });
  seen.realtimeUnauthorized = await outputOf(input);

  seen.upload = await fal.storage.upload(new Blob(["hello"], { type: "text/plain" }));
  seen.large = await fal.storage.upload(new Blob([new Uint8Array(91 * 1024 * 1024)]));
  return seen;
}

main().then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
