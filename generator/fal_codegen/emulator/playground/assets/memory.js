// What the browser keeps: the input of this tab, and the requests to each endpoint.

const MOST_REQUESTS = 20;

/** Return a value that was kept, if any. Another program at this address may have written it. */
function kept(storage, name) {
  try {
    return JSON.parse(storage.getItem(name)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keep a value; a browser may refuse to, or may have no room. */
function keep(storage, name, value) {
  try {
    storage.setItem(name, JSON.stringify(value));
  } catch {
    storage.removeItem(name);
  }
}

/** The input that is being written, which survives a reload. */
export const draft = (endpoint) => ({
  get: () => kept(sessionStorage, `draft of ${endpoint}`),
  set: (input) => keep(sessionStorage, `draft of ${endpoint}`, input),
  clear: () => sessionStorage.removeItem(`draft of ${endpoint}`),
});

/** The latest requests to an endpoint, newest first. */
export function history(endpoint) {
  const name = `requests to ${endpoint}`;
  const get = () => {
    const requests = kept(localStorage, name);
    return Array.isArray(requests) ? requests.filter((request) => request?.job?.request_id) : [];
  };
  return {
    get,
    add: (request) => keep(localStorage, name, [request, ...get()].slice(0, MOST_REQUESTS)),
    clear: () => localStorage.removeItem(name),
  };
}
