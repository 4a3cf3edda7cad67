// Written for `@fal-ai/client` as programs in the wild are: the compiler finds nothing in any of them.
import { fal } from "fal-endpoints";

const MODELS = { animate: "fal-ai/pika/v2.2/image-to-video", other: "acme/glue" } as const;
const image_url = "https://example.com/a.png";

interface Clip {
  video: { url: string };
}

function record(entry: Record<string, unknown>): string {
  return JSON.stringify(entry);
}

export async function recorded(prompt: string): Promise<string[]> {
  const { data } = await fal.subscribe(MODELS.animate, { input: { image_url, prompt } });
  const output = data as Record<string, unknown>;
  return [record(data), record(data.video), record({ ...data, prompt }), ...Object.keys(output)];
}

export async function cast(prompt: string): Promise<string> {
  const result = await fal.subscribe(MODELS.animate, { input: { image_url, prompt } });
  return (result.data as Clip).video.url;
}

export async function untyped(prompt: string): Promise<unknown> {
  const input: Record<string, any> = { image_url, prompt };
  const result: any = await fal.subscribe(MODELS.animate, { input: input as any });
  return result.data?.video?.url ?? result.images?.[0]?.url;
}

export async function generic<T>(model: string, input: Record<string, unknown>): Promise<T> {
  const result = await fal.subscribe(model, { input, logs: true });
  return result.data as T;
}

export async function chosen(name: keyof typeof MODELS, prompt: string, seed?: number) {
  const options = { image_url, prompt, ...(seed ? { seed } : {}) };
  const { data, requestId } = await fal.subscribe(MODELS[name], { input: options });
  return { requestId, url: (data as Clip).video.url };
}

export async function logged(prompt: string): Promise<string | undefined> {
  const result = await fal.subscribe(MODELS.animate, {
    input: { image_url, prompt },
    logs: true,
    onQueueUpdate: (update: { status: string; logs?: { message: string }[] }) => {
      if (update.status === "IN_PROGRESS") update.logs?.map((log) => log.message).forEach(record as any);
    },
  });
  return result?.data?.video?.url;
}

export async function polled(prompt: string): Promise<{ status: string; url?: string }> {
  let queued: { requestId?: string; request_id?: string } | undefined;
  queued = await fal.queue.submit(MODELS.animate, { input: { image_url, prompt } });
  const requestId = queued?.requestId || queued?.request_id;
  if (!requestId) throw new Error("not queued");
  const { status } = await fal.queue.status(MODELS.animate, { requestId, logs: true });
  if (status !== "COMPLETED") return { status };
  const result = await fal.queue.result(MODELS.animate, { requestId });
  return { status, url: result.data.video.url };
}

export async function all(prompts: string[]): Promise<string[]> {
  const calls = prompts.map((prompt) => fal.run(MODELS.animate, { input: { image_url, prompt } }));
  return (await Promise.all(calls)).map((result) => result.data.video.url);
}
