import type {
  FalClient,
  InQueueQueueStatus,
  QueueClient,
  Result as ClientResult,
  StreamingClient,
  fal as official,
} from "@fal-ai/client";
import type { EndpointTypeMap as ClientTypeMap } from "@fal-ai/client/endpoints";
import type { Result } from "./handle.js";
import type { RunOptions, StreamOptions, SubmitOptions, SubscribeOptions } from "./options.js";
import type { Stream } from "./stream.js";

/** The known ids, and any other. */
type AnyId<Own> = keyof Own | keyof ClientTypeMap | (string & {});

// While an id is typed, an editor resolves these for all ids at once, with each key. Therefore they
// do not distribute over ids, and `infer` keeps an id from being intersected with all others.

/** The input of an endpoint: of this package, else of the client, else anything. */
type InputOf<Own, Id> = [Id] extends [infer Known extends keyof Own]
  ? Property<Own[Known], "input">
  : [Id] extends [infer Known extends keyof ClientTypeMap]
    ? ClientTypeMap[Known]["input"]
    : Record<string, any>;

/** The output of an endpoint: of this package, else of the client, else anything. */
type OutputOf<Own, Id> = [Id] extends [infer Known extends keyof Own]
  ? Property<Own[Known], "output">
  : [Id] extends [infer Known extends keyof ClientTypeMap]
    ? ClientTypeMap[Known]["output"]
    : any;

type Property<Types, Name> = Name extends keyof Types ? Types[Name] : never;

/** An input among the options of a call. */
interface Sent<Input> {
  readonly input?: Input;
}

interface Calls<Own> {
  /**
   * Calls an endpoint without the queue, and returns its result, unless the connection breaks.
   * Nothing is sent twice.
   */
  run<Id extends AnyId<Own>>(
    endpointId: Id,
    options: RunOptions & Sent<InputOf<Own, Id>>,
  ): Promise<Result<OutputOf<Own, Id>>>;

  /**
   * Puts a request to an endpoint into the queue, waits, and returns its result. Nothing is sent
   * twice.
   */
  subscribe<Id extends AnyId<Own>>(
    endpointId: Id,
    options: SubscribeOptions & Sent<InputOf<Own, Id>>,
  ): Promise<Result<OutputOf<Own, Id>>>;

  /**
   * Calls an endpoint without the queue, and returns a stream of its results; only some have one.
   * Nothing is sent twice.
   */
  stream<Id extends AnyId<Own>>(
    endpointId: Id,
    options: StreamOptions & Sent<InputOf<Own, Id>>,
  ): Promise<Stream<OutputOf<Own, Id>>>;
}

interface QueueCalls<Own> {
  /** Puts a request to an endpoint into the queue. Nothing is sent twice. */
  submit<Id extends AnyId<Own>>(
    endpointId: Id,
    options: SubmitOptions & Sent<InputOf<Own, Id>>,
  ): Promise<InQueueQueueStatus>;

  /** Returns the result of a completed request. */
  result<Id extends AnyId<Own>>(
    endpointId: Id,
    options: { requestId: string; abortSignal?: AbortSignal },
  ): Promise<ClientResult<OutputOf<Own, Id>>>;
}

/** A client whose endpoints have the types of a map, before those that the client declares. */
export type TypedClient<Own> = Calls<Own> &
  Omit<FalClient, keyof Calls<Own> | "queue" | "streaming"> & {
    readonly queue: QueueCalls<Own> & Omit<QueueClient, keyof QueueCalls<Own>>;
    readonly streaming: Pick<Calls<Own>, "stream"> & Omit<StreamingClient, "stream">;
  };

/** The client that `@fal-ai/client` exports, which has `config`. */
export type TypedFal<Own> = TypedClient<Own> & Pick<typeof official, "config">;

export declare const fal: TypedFal<unknown>;
export declare function typed(client: FalClient): TypedClient<unknown>;
