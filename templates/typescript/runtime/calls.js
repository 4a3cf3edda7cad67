import { fal } from "@fal-ai/client";
import { Handle } from "./handle.js";
import * as streaming from "./stream.js";
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

export function stream(endpointId, input, { client = fal, ...options } = {}) {
  return streaming.stream(client, endpointId, input, options);
}

export function webhook(endpointId, headers, body, { client = fal } = {}) {
  return webhooks.received(client, endpointId, headers, body);
}
