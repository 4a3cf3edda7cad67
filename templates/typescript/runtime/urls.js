import { parseEndpointId } from "@fal-ai/client";

export const QUEUE = "https://queue.fal.run";
export const RUN = "https://fal.run";
export const REST = "https://rest.fal.ai";

// A segment neither consists of dots, which would lead to another URL, nor needs quoting.
const PATH = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)+$/;
const LONGEST_ID = 256;

export function pathOf(endpointId) {
  const { namespace, owner, alias, path } = parseEndpointId(endpointId);
  const id = [namespace, owner, alias, path].filter(Boolean).join("/");
  if (!PATH.test(id)) throw new TypeError(`${endpointId} is not an endpoint id: owner/app`);
  return id;
}

export function isRequestId(value) {
  const isText = typeof value === "string" && value.length <= LONGEST_ID;
  return isText && /[^ .]/.test(value) && !/\p{C}/u.test(value);
}

// The URLs of a request, which leave out the sub-path of the endpoint's id.
export function urlsOf(endpointId, requestId) {
  if (!isRequestId(requestId)) throw new TypeError(`${requestId} is not the id of a request`);
  pathOf(endpointId);
  const { namespace, owner, alias } = parseEndpointId(endpointId);
  const app = [namespace, owner, alias].filter(Boolean).join("/");
  const response = `${QUEUE}/${app}/requests/${encodeURIComponent(requestId)}`;
  return { response, status: `${response}/status`, cancel: `${response}/cancel` };
}

// The URLs in the answer to a submission. Only those on fal's own host are used, because the
// credentials are sent there.
export function urlsIn(answer, endpointId) {
  const known = urlsOf(endpointId, answer.request_id);
  const usable = (url, other) => (isOfQueue(url) ? url : other);
  return {
    response: usable(answer.response_url, known.response),
    status: usable(answer.status_url, known.status),
    cancel: usable(answer.cancel_url, known.cancel),
  };
}

// `fetch` throws on a URL with a user name or a password.
function isOfQueue(value) {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { origin, username, password } = new URL(value);
  return origin === QUEUE && !username && !password;
}
