import type { ApiError } from "@fal-ai/client";

/** The headers of an HTTP request, as `fetch` or as `node:http` has them. */
export type WebhookHeaders =
  | Iterable<[string, string]>
  | { readonly [name: string]: string | readonly string[] | undefined };

/** The content of a webhook: how a request ended. */
export type Webhook<Output> =
  | { status: "OK"; requestId: string; output: Output }
  | { status: "ERROR"; requestId: string; error: ApiError<any> };
