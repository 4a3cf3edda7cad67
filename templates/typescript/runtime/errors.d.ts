/** What an error is about. */
export interface ErrorDetails {
  endpointId?: string | undefined;
  requestId?: string | undefined;
  cause?: unknown;
}

/**
 * The base class of this package's own errors. An error that fal answers with is an `ApiError` or a
 * `ValidationError` of `@fal-ai/client`.
 */
export declare class FalError extends Error {
  /** The id of the endpoint; empty if the error is about none. */
  readonly endpointId: string;
  /** The id of the request in the queue; empty if it is not known. */
  readonly requestId: string;
  constructor(message: string, details?: ErrorDetails);
}

/** The server could not be reached, or did not answer, after several attempts. */
export declare class ConnectionFailed extends FalError {}

/**
 * A request was sent, but it is not known whether fal accepted it. It was not sent again, because
 * that could run, and bill, the same job twice.
 */
export declare class SubmissionUncertain extends FalError {}

/** The server's answer does not have the promised shape. */
export declare class UnexpectedResponse extends FalError {
  /** The answer, so that a result that was paid for is not lost. */
  readonly payload: unknown;
  constructor(message: string, payload: unknown, details?: ErrorDetails);
}

/** fal did not sign the webhook, or not within the last five minutes. */
export declare class WebhookError extends FalError {}
