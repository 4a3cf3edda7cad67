import { isSuccess } from "./acceptance.js";
import { configurationOf } from "./configuration.js";
import { SubmissionUncertain, apiError, isOfServer } from "./errors.js";
import { Handle, resultOf } from "./handle.js";
import { checkTimes, headersOf } from "./options.js";
import { limited } from "./signals.js";
import { SUBMIT, deliver } from "./transport.js";
import { QUEUE, RUN, isRequestId, pathOf, urlsIn } from "./urls.js";

const LONGEST_CANCEL = 5_000; // milliseconds that cancelling may hold up a call that was aborted

// Puts a job into the queue, once.
export async function submit(client, endpointId, input, options = {}) {
  const { body } = await post(client, QUEUE, endpointId, input, options);
  if (!isRequestId(body?.request_id)) {
    const message = "the server accepted the request, but its answer has no request id";
    throw new SubmissionUncertain(message, { endpointId });
  }
  const handle = new Handle(client, endpointId, body.request_id, urlsIn(body, endpointId));
  if (options.abortSignal?.aborted) {
    await abandon(handle);
    throw options.abortSignal.reason;
  }
  return { handle, answer: body };
}

// Puts a job into the queue, waits until it is over, and returns its result.
export async function subscribe(client, endpointId, input, options = {}) {
  checkTimes(options);
  const { onEnqueue, timeout, abortSignal, ...others } = options;
  const message = `${endpointId}: no result within ${timeout} ms; the job is cancelled`;
  const { signal, release } = limited(abortSignal, timeout, message);
  try {
    const { handle } = await submit(client, endpointId, input, { ...others, abortSignal: signal });
    try {
      onEnqueue?.(handle.requestId);
      return await handle.result({ ...others, abortSignal: signal });
    } catch (error) {
      // After an error of the server or the network, the job goes on.
      if (!isOfServer(error)) await abandon(handle);
      throw error;
    }
  } finally {
    release();
  }
}

// Calls a model without the queue, once.
export async function run(client, endpointId, input, options = {}) {
  const answer = await post(client, RUN, endpointId, input, options);
  return resultOf(answer, answer.headers.get("x-fal-request-id") ?? "");
}

async function post(client, host, endpointId, input = {}, options) {
  checkTimes(options);
  const { webhookUrl, abortSignal } = options;
  const query = webhookUrl === undefined ? "" : `?fal_webhook=${encodeURIComponent(webhookUrl)}`;
  const request = {
    method: "POST",
    url: `${host}/${pathOf(endpointId)}${query}`,
    headers: headersOf(options),
    body: JSON.stringify(await client.storage.transformInput(input)),
    subject: { endpointId },
  };
  const configuration = await configurationOf(client);
  const answer = await deliver(configuration, request, SUBMIT, abortSignal);
  if (!isSuccess(answer.status)) throw apiError(answer, request.subject);
  return answer;
}

// Cancels a job whose caller left.
async function abandon(handle) {
  const { signal, release } = limited(undefined, LONGEST_CANCEL, "not cancelled in time");
  await handle.cancel({ abortSignal: signal }).catch(() => {});
  release();
}
