// A program that uses the package: it compiles, and prints what it saw of the emulator at argv[2] as JSON.
import { ApiError, createFalClient, fal, typed } from "fal-endpoints";
import type {
  EndpointTypeMap,
  FileInput,
  Handle,
  InputType,
  OutputType,
  Result,
  Stream,
  Webhook,
} from "fal-endpoints";
import * as pika from "fal-endpoints/fal-ai/pika/v2.2/image-to-video";
import * as schemas from "fal-endpoints/zod/fal-ai/pika/v2.2/image-to-video";
import { z } from "zod";

declare const process: { argv: [string, string, string] };

const id = "fal-ai/pika/v2.2/image-to-video";
const configuration = {
  credentials: "any",
  proxyUrl: { url: `${process.argv[2]}/`, when: "always" },
} as const;
fal.config(configuration);

const seen: any = {};
const image: FileInput = new Blob(["not really a picture"], { type: "image/png" });
const input: pika.Input = { image_url: image, prompt: "a smile", resolution: "1080p" };

// Functions of the endpoint.
const { data, requestId } = await pika.subscribe(input, {
  mode: "polling",
  pollInterval: 20,
  onQueueUpdate: (update) => {
    seen.last = update.status;
  },
});
const video: pika.OutputFile = data.video;
const size: number | null | undefined = video.file_size;
seen.subscribe = { url: video.url, requestId, size };
const queued = await pika.submit({ ...input, image_url: "https://example.com/a.png" });
const handle: Handle<pika.Output> = pika.handle(queued.requestId);
for await (const status of handle.events({ logs: true, pollInterval: 20 })) {
  if (status.status === "IN_QUEUE") seen.position = status.queue_position;
  else seen.logs = status.logs.map((line) => line.message);
}
const finished: Result<pika.Output> = await handle.result();
seen.units = finished.billableUnits;
seen.result = (await pika.result(queued.requestId)).data.video.url;
seen.run = (await pika.run(input)).data.video.url;
const stream: Stream<pika.Output> = await pika.stream(input);
for await (const event of stream) seen.stream = event.video.url;

seen.error = await pika.run({} as pika.Input).catch((error) => error instanceof ApiError);

// The client, by the endpoint's id.
const byId = await fal.subscribe(id, { input, pollInterval: 20 });
const url: string = byId.data.video.url;
seen.byId = url;
const other = typed(createFalClient(configuration));
const resubmitted = await other.queue.submit(id, { input });
await other.queue.subscribeToStatus(id, { requestId: resubmitted.request_id, pollInterval: 20 });
seen.other = (await other.queue.result(id, { requestId: resubmitted.request_id })).data.video.url;
seen.given = (await pika.subscribe(input, { client: other, pollInterval: 20 })).data.video.url;

// Endpoints that only the client knows, and those that nobody does, stay as they were.
export type Theirs = () => ReturnType<typeof fal.subscribe<"fal-ai/flux/dev">>;
export const theirs = async (call: Theirs): Promise<string | undefined> =>
  (await call()).data.images[0]?.url;
export const unknown = async () => (await fal.subscribe("acme/x", { input: { a: 1 } })).data.b.c;

// Webhooks, as a server of web standards gets them.
export async function receive(request: Request): Promise<string> {
  const webhook: Webhook<pika.Output> = await pika.webhook(request.headers, await request.text());
  return webhook.status === "OK" ? webhook.output.video.url : webhook.error.message;
}

// The map, with the client's own form.
export type Ids = keyof EndpointTypeMap;
export const mapped: InputType<typeof id> = input;
export const returned = (output: OutputType<typeof id>): pika.Output => output;

// Names that are unique in the package, and the values of an enum.
export const byName: pika.PikaV2_2ImageToVideoInput = input;
export const schemaByName: z.ZodType<pika.Input> = schemas.zPikaV2_2ImageToVideoInput;
const resolutions: readonly ["720p", "1080p"] = pika.choices.resolution;
seen.resolutions = resolutions;

// Values that no compiler has seen.
const fromOutside: unknown = JSON.parse('{"image_url": "https://example.com/a.png", "prompt": "a"}');
const parsed: pika.Input = schemas.Input.parse(fromOutside);
seen.parsed = parsed.prompt;
const inferred: z.infer<typeof schemas.Input> = input;
const form = schemas.Input.pick({ prompt: true, resolution: true }).extend({ name: z.string() });
const filled: { prompt: string; resolution?: "720p" | "1080p"; name: string } = form.parse({
  prompt: "a",
  name: "b",
});
seen.form = filled.name;
seen.file = schemas.Input.safeParse(inferred).success;
seen.refused = schemas.Input.safeParse({ ...parsed, resolution: "4k", extra: 1 }).error?.issues.map(
  (issue) => issue.code,
);
seen.open = schemas.Output.parse({ video: { url: "u", fps: 24 }, more: 1 });

console.log(JSON.stringify(seen));
