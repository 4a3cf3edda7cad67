import { FalError } from "./errors.js";

// The client of `@fal-ai/client` below each client that has other types.
const originals = new WeakMap();

export function wrap(client, original) {
  originals.set(client, original);
  return client;
}

export function original(client) {
  return originals.get(client) ?? client;
}

// A client does not show its configuration, but its streams do. This one waits for a token that
// never comes, so it sends nothing.
export async function configurationOf(client) {
  const options = { connectionMode: "client", tokenProvider: () => new Promise(() => {}) };
  const stream = await original(client).stream("fal-ai/none", options);
  stream.abort();
  const { config } = stream;
  if (typeof config?.fetch !== "function" || typeof config.requestMiddleware !== "function") {
    throw new FalError("this version of @fal-ai/client is not supported: install 1.10");
  }
  return config;
}
