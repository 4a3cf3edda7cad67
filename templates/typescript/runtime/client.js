import { fal as official } from "@fal-ai/client";
import * as calls from "./calls.js";
import { wrap } from "./configuration.js";
import * as submission from "./submission.js";

export function typed(client) {
  const own = {
    run: (endpointId, { input, ...options } = {}) =>
      calls.run(endpointId, input, { ...options, client }),
    subscribe: (endpointId, { input, ...options } = {}) =>
      calls.subscribe(endpointId, input, { ...options, client }),
    stream: (endpointId, { input, ...options } = {}) =>
      calls.stream(endpointId, input, { ...options, client }),
    get queue() {
      return { ...client.queue, submit };
    },
    get realtime() {
      return client.realtime;
    },
    get storage() {
      return client.storage;
    },
    get streaming() {
      return { ...client.streaming, stream: own.stream };
    },
  };
  async function submit(endpointId, { input, ...options } = {}) {
    return (await submission.submit(client, endpointId, input, options)).answer;
  }
  return wrap(own, client);
}

export const fal = Object.assign(typed(official), {
  config: (configuration) => official.config(configuration),
});
