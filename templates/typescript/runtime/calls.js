import { createFalClient, fal } from "@fal-ai/client";
import { configurationOf } from "./configuration.js";
import { Handle } from "./handle.js";
import * as submission from "./submission.js";
import * as webhooks from "./webhooks.js";

export function subscribe(endpointId, input, { client = fal, ...options } = {}) {
  return submission.subscribe(client, endpointId, input, options);
}

export async function submit(endpointId, input, { client = fal, ...options } = {}) {
  return (await submission.submit(client, endpointId, input, options)).handle;
}

export function handle(endpointId, requestId, { client = fal } = {}) {
  return new Handle(client, endpointId, requestId);
}

export async function result(endpointId, requestId, { client = fal, ...options } = {}) {
  return new Handle(client, endpointId, requestId).result(options);
}

export function run(endpointId, input, { client = fal, ...options } = {}) {
  return submission.run(client, endpointId, input, options);
}

// A stream of the official client, without its retries: each could run the model again.
export async function stream(endpointId, input = {}, { client = fal, ...options } = {}) {
  const { retry, ...configuration } = await configurationOf(client);
  const once = { ...configuration, suppressLocalCredentialsWarning: true };
  const sent = await client.storage.transformInput(input);
  return createFalClient({ ...once, retry: { ...retry, maxRetries: 0 } }).stream(endpointId, {
    ...options,
    input: sent,
  });
}

export function webhook(endpointId, headers, body, { client = fal } = {}) {
  return webhooks.received(client, endpointId, headers, body);
}
