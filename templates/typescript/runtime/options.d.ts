import type { FalStream, QueueStatus, StorageSettings } from "@fal-ai/client";

/** The state of a request. A failed request is completed too. */
export type Status = QueueStatus & {
  /** The reason of a failure of fal's; the error of a model comes with the result. */
  error?: string | null;
  /** fal's name for the reason. */
  error_type?: string | null;
};

/** Options of a call that waits. */
export interface WaitOptions {
  /** Aborts the call. If it submitted a job, the job is cancelled. */
  abortSignal?: AbortSignal;
}

/** Options of a call that runs a model. */
export interface RunOptions extends WaitOptions {
  /** The seconds that the request may wait before it starts. */
  startTimeout?: number;
  /** How long the files of the result are stored, and who may read them. */
  storageSettings?: StorageSettings;
}

/** Options of a call that puts a request into the queue. */
export interface SubmitOptions extends RunOptions {
  /** The URL that fal posts the result to. */
  webhookUrl?: string;
  priority?: "low" | "normal";
  /** Which runner should take the request. */
  hint?: string;
  /** Other HTTP headers of the submission. */
  headers?: Record<string, string>;
}

/** Options of a call that watches a request. */
export interface WatchOptions extends WaitOptions {
  /** Whether states contain the model's logs. */
  logs?: boolean;
  /**
   * Whether to ask for the state now and then, or to have fal send it. A proxy has to support
   * streaming; if the stream ends early, the state is asked for.
   *
   * @defaultValue `"polling"`
   */
  mode?: "polling" | "streaming";
  /** The milliseconds between two questions for the state; by default, they grow with time. */
  pollInterval?: number;
}

/** Options of a call that waits for the result of a request. */
export interface ResultOptions extends WatchOptions {
  /** Called with each new state. */
  onQueueUpdate?: (status: Status) => void;
}

/** Options of a call that puts a request into the queue and waits for its result. */
export interface SubscribeOptions extends SubmitOptions, ResultOptions {
  /** Called with the id of the request once fal has accepted it. */
  onEnqueue?: (requestId: string) => void;
  /** The milliseconds after which the request is cancelled and the call fails. */
  timeout?: number;
}

/** Options of a call that streams partial results. */
export type StreamOptions = Pick<
  FalStream<unknown, unknown>["options"],
  "connectionMode" | "queryParams" | "signal" | "tokenProvider"
>;
