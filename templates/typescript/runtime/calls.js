import { fal } from "@fal-ai/client";

export function subscribe(endpointId, input, { client = fal, ...options } = {}) {
  return client.subscribe(endpointId, { ...options, input });
}

export function submit(endpointId, input, { client = fal, ...options } = {}) {
  return client.queue.submit(endpointId, { ...options, input });
}

export function result(endpointId, requestId, { client = fal, ...options } = {}) {
  return client.queue.result(endpointId, { ...options, requestId });
}

export function run(endpointId, input, { client = fal, ...options } = {}) {
  return client.run(endpointId, { ...options, input });
}

export function stream(endpointId, input, { client = fal, ...options } = {}) {
  return client.stream(endpointId, { ...options, input });
}
