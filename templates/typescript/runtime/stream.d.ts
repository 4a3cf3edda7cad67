/**
 * The results of a model, as it makes them. If an iteration or {@link Stream.done} fails, it throws
 * an error as other calls do: `ConnectionFailed` if the connection broke.
 */
export interface Stream<Output> extends AsyncIterable<Output> {
  readonly endpointId: string;
  /** The id of the request; empty if fal does not say. */
  readonly requestId: string;

  /** Waits until the stream is over, and returns the last result. */
  done(): Promise<Output>;

  /** Calls a function with each result. */
  on(type: "data", listener: (result: Output) => void): void;
  /** Calls a function with the last result once the stream is over. */
  on(type: "done", listener: (result: Output) => void): void;
  /** Calls a function with the error that ends the stream. */
  on(type: "error", listener: (error: Error) => void): void;

  /** Ends the stream early. It then has the results so far. */
  abort(reason?: string | Error): void;
}
