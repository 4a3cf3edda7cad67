// What the browser keeps: the input of this tab, and the requests to each endpoint.

const MOST_REQUESTS = 20;

/** Return a value that was kept, if any. Another program at this address may have written it. */
function kept(storage, name) {
  try {
    return JSON.parse(window[storage].getItem(name)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keep a value. A browser may refuse to, or have no room: then it keeps what it had. */
function keep(storage, name, value) {
  try {
    window[storage].setItem(name, JSON.stringify(value));
  } catch {
    // The page works without it.
  }
}

/** The input that is being written, which survives a reload. */
export const draft = (endpoint) => ({
  get: () => kept("sessionStorage", `draft of ${endpoint}`),
  set: (input) => keep("sessionStorage", `draft of ${endpoint}`, input),
});

/** The latest requests to an endpoint, newest first. */
export function history(endpoint) {
  const name = `requests to ${endpoint}`;
  const get = () => {
    const requests = kept("localStorage", name);
    return Array.isArray(requests) ? requests.filter((request) => request?.job?.request_id) : [];
  };
  return {
    get,
    add: (request) => keep("localStorage", name, [request, ...get()].slice(0, MOST_REQUESTS)),
    clear: () => keep("localStorage", name, []),
  };
}
