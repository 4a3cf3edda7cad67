// What fal's answers prove, and so what may be sent again. An answer is `accepted`, `rejected`,
// `turned away` (it may succeed later), or `uncertain`.

// Each answer of fal carries at least one of these headers (recorded); a proxy's carries none.
const HEADERS_OF_FAL = [
  "x-fal-request-id",
  "x-fal-error-type",
  "x-fal-needs-retry",
  "x-fal-retryable",
  "x-fal-served-from",
  "x-fal-billable-units",
  "x-fal-request-timeout-type",
];

// RFC 9110, section 15.5: a mistake in the request, found before anything is done.
const MISTAKES = new Set([401, 403, 404, 405, 413, 415, 422]);

export function isFromFal(headers) {
  return HEADERS_OF_FAL.some((name) => headers.has(name));
}

// What an answer to a submission proves. A proxy reports its own failures too, after it has passed
// the request on; fal knows.
export function judgeSubmission({ status, headers }) {
  if (isSuccess(status)) return "accepted";
  if (status === 429) return "turned away"; // RFC 6585, section 4: it was not processed
  if (MISTAKES.has(status) || (status >= 400 && isFromFal(headers))) return "rejected";
  return "uncertain";
}

// What an answer proves about a request that is safe to repeat.
export function judgeRead({ status, headers }) {
  return status >= 502 && !isFromFal(headers) ? "turned away" : judge(status, headers);
}

// The same for the status of a job: a 5xx never means that the job failed.
export function judgeStatus({ status, headers }) {
  return status >= 500 ? "turned away" : judge(status, headers);
}

export function judgeResult(answer) {
  return isPending(answer) ? "turned away" : judgeRead(answer);
}

// Whether an answer has the status of a job that is not over, in place of a result.
export function isPending({ status, body }) {
  return status === 202 && ["IN_QUEUE", "IN_PROGRESS"].includes(body?.status);
}

export function isSuccess(status) {
  return status >= 200 && status < 300;
}

function judge(status, headers) {
  const isBusy = [408, 429].includes(status) || (status === 503 && headers.has("retry-after"));
  if (isBusy) return "turned away";
  return isSuccess(status) ? "accepted" : "rejected";
}
