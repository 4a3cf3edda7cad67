// Requests to the emulator.

import { by } from "./dom.js";

const FIRST_PAUSE = 50; // milliseconds before a job is polled again; doubled each time, up to
const LONGEST_PAUSE = 500;
const MOST_FAILURES = 5; // polls that may fail in a row

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const key = () => ({ Authorization: `Key ${by("key").value}` });
const json = { "Content-Type": "application/json" };

/** An error response. */
class ErrorResponse extends Error {
  constructor(status, body) {
    const detail = body?.detail ?? body?.error?.message;
    super(typeof detail === "string" ? `${detail} (${status})` : `The server answered with ${status}.`);
    this.status = status;
    this.detail = Array.isArray(detail) ? detail : undefined;
  }
}

async function ask(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (!response.ok) throw new ErrorResponse(response.status, body);
  if (body === undefined && text) throw new Error("The answer is not JSON.");
  return body;
}

const post = (url, value, headers = {}) =>
  ask(url, { method: "POST", headers: { ...headers, ...json }, body: JSON.stringify(value) });

/** Return the program in each language that sends an input. */
export const snippets = (endpoint, to, input) =>
  post(`/playground/snippets/${endpoint}?to=${to}`, input ?? null);

/** Return what an input costs at fal. */
export const estimate = (endpoint, input) => post(`/playground/estimate/${endpoint}`, input ?? null);

// Jobs -------------------------------------------------------------------------------------------

export const submit = (endpoint, input, headers) =>
  post(`/queue/${endpoint}`, input, { ...key(), ...headers });
export const cancel = (job) => ask(job.cancel_url, { method: "PUT", headers: key() });
export const resultOf = (job) => ask(job.response_url, { headers: key() });

/** Poll a job until it is completed; a failed poll is repeated. */
export async function poll(job, { onUpdate, onFailure }) {
  let failed = 0;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      const update = await ask(`${job.status_url}?logs=1`, { headers: key() });
      failed = 0;
      onUpdate(update);
      if (update.status === "COMPLETED") return update;
    } catch (error) {
      failed += 1;
      if (failed === MOST_FAILURES) throw error;
      onFailure(error);
    }
    await wait(pause);
  }
}

// Files ------------------------------------------------------------------------------------------

/** Upload a file, and return its URL. */
export async function upload(file, onProgress) {
  const type = file.type || "application/octet-stream";
  const { upload_url, file_url } = await post(
    "/rest/storage/upload/initiate",
    { file_name: file.name, content_type: type },
    key(),
  );
  await send(upload_url, file, type, onProgress);
  return file_url;
}

/** Send a file; `fetch` does not report its progress. */
function send(url, file, type, onProgress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("Content-Type", type);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () =>
      request.status < 300 ? done() : failed(new ErrorResponse(request.status, undefined));
    request.onerror = () => failed(new Error("The connection failed."));
    request.send(file);
  });
}

/** Return whether the emulator serves a URL: no page loads anything else. */
export const isServed = (url) => url.startsWith(`${location.origin}/`);

/** Return the content type and the size of a file. */
export async function headOf(url) {
  const { ok, status, headers } = await fetch(url, { method: "HEAD" });
  if (!ok) throw new ErrorResponse(status, undefined);
  const size = headers.get("content-length");
  return { type: headers.get("content-type") ?? "", size: size === null ? undefined : Number(size) };
}

export const textOf = async (url, most) =>
  (await (await fetch(url, { headers: { Range: `bytes=0-${most - 1}` } })).text()).slice(0, most);
