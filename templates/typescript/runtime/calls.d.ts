import type {
  FalClient,
  FalStream,
  InQueueQueueStatus,
  QueueClient,
  Result,
} from "@fal-ai/client";

export type { FalStream, Result };

/** A file: a URL, or data that the client uploads before it sends the input. */
export type FileInput = string | Blob | File;

/** A request in the queue. */
export type Queued = InQueueQueueStatus;

/** The methods of a client that calls use. */
export interface Caller {
  run(endpointId: string, options: Options<FalClient["run"]>): Promise<Result<any>>;
  subscribe(endpointId: string, options: Options<FalClient["subscribe"]>): Promise<Result<any>>;
  stream(endpointId: string, options: Options<FalClient["stream"]>): Promise<FalStream<any, any>>;
  queue: {
    submit(endpointId: string, options: Options<QueueClient["submit"]>): Promise<Queued>;
    result(endpointId: string, options: Options<QueueClient["result"]>): Promise<Result<any>>;
  };
}

/** The client's own options, and the client. */
type With<Options> = Options & {
  /** The client that sends the request; by default, the `fal` of `@fal-ai/client`. */
  client?: Caller;
};

type Options<Call extends (...given: never[]) => unknown> = Parameters<Call>[1];

/** `Omit` that keeps the members of a union apart. */
export type Without<Options, Names extends PropertyKey> = Options extends unknown
  ? Omit<Options, Names>
  : never;

export type SubscribeOptions = With<Without<Options<FalClient["subscribe"]>, "input">>;
export type SubmitOptions = With<Without<Options<QueueClient["submit"]>, "input">>;
export type ResultOptions = With<Without<Options<QueueClient["result"]>, "requestId">>;
export type RunOptions = With<Without<Options<FalClient["run"]>, "input">>;
export type StreamOptions = With<Without<Options<FalClient["stream"]>, "input">>;
