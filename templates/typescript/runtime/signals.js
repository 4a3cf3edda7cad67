const LONGEST = 2 ** 31 - 1; // milliseconds; a longer timer would fire at once

// A signal that aborts with another one, when a time in milliseconds is over, or by its `cancel`.
// `release` has to be called when nothing waits for it any more.
export function limited(signal, timeout, message) {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  const end = () => controller.abort(new DOMException(message, "TimeoutError"));
  const timer = timeout <= LONGEST ? setTimeout(end, timeout) : undefined;
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
  const cancel = (reason) => controller.abort(reason);
  return { signal: controller.signal, cancel, release };
}

// A signal that aborts some milliseconds after another one.
export function delayed(signal, grace) {
  const controller = new AbortController();
  let timer;
  const start = () => {
    timer = setTimeout(() => controller.abort(signal.reason), grace);
  };
  signal?.addEventListener("abort", start);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", start);
  };
  return { signal: controller.signal, release };
}

// Waits, unless a signal aborts; then it throws the signal's reason.
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, Math.min(milliseconds, LONGEST));
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
