// Stands in for a browser at argv[2] with a cookie: runs page.mjs, and then further calls of the client.
const [page, cookie] = process.argv.slice(2);
globalThis.window = { document: {} }; // what the client takes for a browser
const { fetch: send } = globalThis;
globalThis.fetch = (url, options = {}) =>
  send(new URL(url, page), { ...options, headers: { ...options.headers, cookie } });

const { fal } = await import("@fal-ai/client");
const id = "fal-ai/pika/v2.2/image-to-video";
const input = { image_url: "https://example.com/a.png", prompt: "a slow wave" };
const seen = {};

fal.config({ proxyUrl: "/fal/" });
seen.uncertain = await fal.queue
  .submit(id, { input })
  .catch((error) => ({ status: error.status, detail: error.body.detail }));

await import("./page.mjs");

seen.run = (await fal.run(id, { input })).data.video.url;
const stream = await fal.stream(id, { input });
for await (const event of stream) seen.streamed = event;
await stream.done();

seen.followed = [];
const onQueueUpdate = (update) => seen.followed.push(update.status);
await fal.subscribe(id, { input, mode: "streaming", logs: true, onQueueUpdate });

const { request_id: requestId } = await fal.queue.submit(id, { input, priority: "low" });
await fal.queue.cancel(id, { requestId }).catch(() => {}); // unless it is completed

seen.undeclared = await fal.run("acme/undeclared", { input }).catch((error) => error.status);
seen.upload = await fal.storage.upload(new Blob(["hello"], { type: "text/plain" }));
console.log(JSON.stringify(seen));
