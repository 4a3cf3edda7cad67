import type { Result as ClientResult } from "@fal-ai/client";
import type { ResultOptions, Status, WaitOptions, WatchOptions } from "./options.js";

/** The result of a request. */
export interface Result<Output> extends ClientResult<Output> {
  /** The units that fal bills for the request; `null` if it does not say. */
  billableUnits: number | null;
}

/** A request in the queue. */
export interface Handle<Output> {
  readonly endpointId: string;
  readonly requestId: string;

  /** Returns the present state. */
  status(options?: Pick<WatchOptions, "logs" | "abortSignal">): Promise<Status>;

  /** Yields each new state, until the request is over. */
  events(options?: WatchOptions): AsyncGenerator<Status, void, void>;

  /**
   * Waits until the request is over, and returns its result. An abort stops the wait, and the
   * request goes on.
   */
  result(options?: ResultOptions): Promise<Result<Output>>;

  /** Asks fal to cancel the request, and returns whether it does. */
  cancel(options?: WaitOptions): Promise<boolean>;
}
