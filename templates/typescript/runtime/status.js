// Proxies, and third parties that use fal's protocol, report these ends of a job; fal itself
// reports COMPLETED for failed and cancelled jobs too.
const FAILURES = new Set([
  "FAILED",
  "FAILURE",
  "ERROR",
  "CANCELLED",
  "CANCELED",
  "ABORTED",
  "EXPIRED",
  "REJECTED",
  "TERMINATED",
  "TIMEOUT",
  "TIMED_OUT",
]);

// A status as the types describe it; undefined if the body of an answer has none.
export function statusIn(body) {
  if (typeof body?.status !== "string") return undefined;
  return body.status === "IN_QUEUE"
    ? body
    : { ...body, logs: Array.isArray(body.logs) ? body.logs : [] };
}

export function isOver({ status, error }) {
  return status === "COMPLETED" || FAILURES.has(status.toUpperCase()) || typeof error === "string";
}
