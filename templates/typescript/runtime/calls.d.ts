import type { StorageClient } from "@fal-ai/client";
import type { Handle, Result } from "./handle.js";
import type {
  ResultOptions,
  RunOptions,
  StreamOptions,
  SubmitOptions,
  SubscribeOptions,
} from "./options.js";
import type { Stream } from "./stream.js";
import type { Webhook, WebhookHeaders } from "./webhooks.js";

export type {
  Handle,
  Result,
  ResultOptions,
  RunOptions,
  Stream,
  StreamOptions,
  SubmitOptions,
  SubscribeOptions,
  Webhook,
  WebhookHeaders,
};

/** A file: a URL, or data that the client uploads before it sends the input. */
export type FileInput = string | Blob | File;

/** A client of `@fal-ai/client`, or one of this package. */
export interface Client {
  readonly storage: StorageClient;
}

/** The client that sends a request; by default, the `fal` of `@fal-ai/client`. */
export interface From {
  client?: Client;
}
