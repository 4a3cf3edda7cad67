import { ApiError, ValidationError } from "@fal-ai/client";

const MOST_PROBLEMS = 10;
const LONGEST = 500;

const NEXT_STEPS = {
  401: "check the credentials; https://fal.ai/dashboard/keys lists your keys",
  402: "top up the balance at https://fal.ai/dashboard/billing",
};

const EXPIRED =
  "fal does not know the request, or its result has expired: a result can be fetched for 1 hour, " +
  "or for 6 minutes if it is 10 KB or larger and payload storage is off";

const SHORTEST_LIFETIME = 5 * 60_000; // milliseconds, less one minute by which clocks may differ

export class FalError extends Error {
  constructor(message, { endpointId = "", requestId = "", cause } = {}) {
    super(about(message, endpointId, requestId), cause === undefined ? undefined : { cause });
    this.name = "FalError";
    this.endpointId = endpointId;
    this.requestId = requestId;
  }
}

export class ConnectionFailed extends FalError {
  constructor(message, details) {
    super(message, details);
    this.name = "ConnectionFailed";
  }
}

export class SubmissionUncertain extends FalError {
  constructor(message, details) {
    super(message, details);
    this.name = "SubmissionUncertain";
  }
}

export class UnexpectedResponse extends FalError {
  constructor(message, payload, details) {
    super(message, details);
    this.name = "UnexpectedResponse";
    this.payload = payload;
  }
}

export class WebhookError extends FalError {
  constructor(message, details) {
    super(message, details);
    this.name = "WebhookError";
  }
}

// The error of an answer that is not a success.
export function apiError({ status, statusText = "", headers, body }, { endpointId, requestId }) {
  const parts = [`HTTP ${status} ${statusText}`.trim(), ...reasons(body, headers)];
  return failure(parts.join(": "), { status, headers, body }, { endpointId, requestId });
}

// The error of a failure that an answer describes, as the official client has it.
export function failure(message, { status, headers, body }, { endpointId, requestId }) {
  const detail = body?.detail;
  const isValidation = status === 422 && (typeof detail === "string" || Array.isArray(detail));
  const isBalance = status === 403 && typeof detail === "string" && /balance/i.test(detail);
  const isLost = status === 404 && body?.status === "NOT_FOUND" && mayHaveExpired(requestId);
  const step = isLost ? EXPIRED : NEXT_STEPS[isBalance ? 402 : status];
  return new (isValidation ? ValidationError : ApiError)({
    message: about(step ? `${message} (${step})` : message, endpointId, requestId),
    status,
    body,
    requestId: requestId || headers?.get("x-fal-request-id") || undefined,
    timeoutType: headers?.get("x-fal-request-timeout-type") ?? undefined,
  });
}

export function isOfServer(error) {
  return error instanceof FalError || error instanceof ApiError;
}

function reasons(body, headers) {
  const kind = body?.error_type ?? headers?.get("x-fal-error-type");
  const detail = body?.detail ?? body?.message ?? body?.error?.message;
  const found = Array.isArray(detail) ? detail.slice(0, MOST_PROBLEMS).map(problem).join("; ") : detail;
  return [kind, found].filter((part) => typeof part === "string" && part).map(line);
}

function problem(item) {
  const steps = Array.isArray(item?.loc) ? item.loc : [];
  const place = (steps[0] === "body" ? steps.slice(1) : steps).map(textOf).join(".");
  const message = typeof item?.msg === "string" ? item.msg : textOf(item);
  const text = place ? `${place}: ${message}` : message;
  // Only errors of a model have a page; a message explains the others.
  return typeof item?.url === "string" && typeof item.type === "string"
    ? `${text} [${item.type}]`
    : text;
}

// fal's ids are UUIDs of version 7, which start with the milliseconds since the epoch.
function mayHaveExpired(requestId) {
  if (!requestId) return false;
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(requestId) ?? [];
  return high === undefined || Date.now() - parseInt(high + low, 16) > SHORTEST_LIFETIME;
}

function about(message, endpointId, requestId) {
  const subject = [endpointId, requestId && `request ${requestId}`].filter(Boolean).join(", ");
  return subject ? `${subject}: ${message}` : message;
}

// A value of a server, on one line of a terminal.
export function line(value) {
  const plain = textOf(value).replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
}

// A value of JSON that may be an object without usable `toString`.
function textOf(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
