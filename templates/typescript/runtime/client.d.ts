import type {
  FalClient,
  FalStream,
  QueueClient,
  Result,
  StreamingClient,
  fal as original,
} from "@fal-ai/client";
import type { EndpointTypeMap as ClientTypeMap } from "@fal-ai/client/endpoints";
import type {
  Queued,
  ResultOptions,
  RunOptions,
  StreamOptions,
  SubmitOptions,
  SubscribeOptions,
  Without,
} from "./calls.js";

/** The known ids, and any other. */
type AnyId<Own> = keyof Own | keyof ClientTypeMap | (string & {});

/** The input of an endpoint: of this package, else of the client, else anything. */
type InputOf<Own, Id> = Id extends keyof Own
  ? Own[Id] extends { input: infer Input }
    ? Input
    : never
  : Id extends keyof ClientTypeMap
    ? ClientTypeMap[Id]["input"]
    : Record<string, any>;

/** The output of an endpoint: of this package, else of the client, else anything. */
type OutputOf<Own, Id> = Id extends keyof Own
  ? Own[Id] extends { output: infer Output }
    ? Output
    : never
  : Id extends keyof ClientTypeMap
    ? ClientTypeMap[Id]["output"]
    : any;

type Sent<Options, Input> = Without<Options, "client"> & { readonly input?: Input };

interface Calls<Own> {
  run<Id extends AnyId<Own>>(
    endpointId: Id,
    options: Sent<RunOptions, InputOf<Own, Id>>,
  ): Promise<Result<OutputOf<Own, Id>>>;
  subscribe<Id extends AnyId<Own>>(
    endpointId: Id,
    options: Sent<SubscribeOptions, InputOf<Own, Id>>,
  ): Promise<Result<OutputOf<Own, Id>>>;
  stream<Id extends AnyId<Own>>(
    endpointId: Id,
    options: Sent<StreamOptions, InputOf<Own, Id>>,
  ): Promise<FalStream<InputOf<Own, Id>, OutputOf<Own, Id>>>;
}

interface QueueCalls<Own> {
  submit<Id extends AnyId<Own>>(
    endpointId: Id,
    options: Sent<SubmitOptions, InputOf<Own, Id>>,
  ): Promise<Queued>;
  result<Id extends AnyId<Own>>(
    endpointId: Id,
    options: Omit<ResultOptions, "client"> & { requestId: string },
  ): Promise<Result<OutputOf<Own, Id>>>;
}

/** A client whose endpoints have the types of a map, before those that the client declares. */
export type TypedClient<Own> = Calls<Own> &
  Omit<FalClient, keyof Calls<Own> | "queue" | "streaming"> & {
    readonly queue: QueueCalls<Own> & Omit<QueueClient, keyof QueueCalls<Own>>;
    readonly streaming: Pick<Calls<Own>, "stream"> & Omit<StreamingClient, "stream">;
  };

/** The client that `@fal-ai/client` exports, which has `config`. */
export type TypedFal<Own> = TypedClient<Own> & Pick<typeof original, "config">;

export declare const fal: TypedFal<unknown>;
export declare function typed(client: FalClient): TypedClient<unknown>;
