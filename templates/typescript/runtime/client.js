export { fal } from "@fal-ai/client";

export function typed(client) {
  return client;
}
