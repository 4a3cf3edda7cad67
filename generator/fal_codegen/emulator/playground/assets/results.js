// The result of a job: its files, and its JSON.

import { by, made, part } from "./dom.js";
import { headOf, isServed, textOf } from "./server.js";

const MOST_TEXT = 2000; // characters of a text file that are shown
const PLAYED = ["audio", "video"];

/** Yield every file of a result: its URL, its content type if any, and its place. */
function* files(value, where = "result") {
  if (typeof value === "string") {
    if (value.startsWith(`${location.origin}/files/`)) yield { url: value, where };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* files(item, `${where} ${index + 1}`);
  } else if (value && typeof value === "object") {
    if (typeof value.url === "string" && isServed(value.url)) {
      yield { url: value.url, type: value.content_type, where };
    } else {
      for (const [name, item] of Object.entries(value)) yield* files(item, name);
    }
  }
}

/** Replace an element by a sentence if the browser cannot show its file. */
function orApology(element) {
  element.addEventListener("error", () => {
    element.replaceWith(made("p", { textContent: "The browser cannot show this file." }));
  });
  return element;
}

/** Return an element that shows a file, or an empty text if its type has no view. */
async function view(url, type, where) {
  const [kind] = type.split("/");
  if (kind === "image") return orApology(made("img", { src: url, alt: where }));
  if (PLAYED.includes(kind)) {
    return orApology(made(kind, { src: url, controls: true, ariaLabel: where }));
  }
  if (kind === "text" || type.startsWith("application/json")) {
    const text = await textOf(url, MOST_TEXT);
    return made("pre", { textContent: text, tabIndex: 0, role: "group", ariaLabel: where });
  }
  return "";
}

const sizeOf = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`);

function nameOf(url) {
  const name = new URL(url).pathname.split("/").at(-1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Return a figure of a file that the emulator serves. */
export async function figure({ url, type, where }) {
  const link = made("a", { href: url, textContent: nameOf(url) });
  const caption = made("figcaption", {}, `${where}: `, link);
  let shown = "";
  try {
    const head = await headOf(url);
    const known = head.type || type || "";
    shown = await view(url, known, where);
    const facts = [known.split(";")[0], head.size === undefined ? "" : sizeOf(head.size)];
    const name = nameOf(url);
    const download = made("a", { href: url, download: name, textContent: "Download" });
    download.append(made("span", { className: "unseen", textContent: ` ${name}` }));
    caption.append(` (${facts.filter(Boolean).join(", ")}) `, download);
  } catch (error) {
    caption.append(` cannot be loaded: ${error.message}`);
  }
  return made("figure", {}, shown, caption);
}

export function clearResult() {
  by("logs").replaceChildren();
  by("media").replaceChildren();
  for (const id of ["log", "placeholders", "raw", "request"]) by(id).hidden = true;
}

export async function showResult(result) {
  const found = await Promise.all([...files(result)].map(figure));
  by("media").replaceChildren(...found);
  by("placeholders").hidden = !found.length;
  const isEmpty = result && typeof result === "object" && !Object.keys(result).length;
  if (isEmpty) {
    const text = "The result is empty: the document of this endpoint requires nothing of it.";
    by("media").append(made("p", { textContent: text }));
  }
  const raw = by("raw");
  part(raw, "pre").textContent = JSON.stringify(result, null, 2);
  raw.hidden = false;
  raw.open = !found.length;
}

export function showLogs(lines) {
  const logs = by("logs");
  for (const { message } of lines.slice(logs.children.length)) {
    logs.append(made("li", { textContent: message }));
    by("log").scrollTop = by("log").scrollHeight;
  }
  by("log").hidden = !logs.children.length;
}

export function showRequestId(id) {
  by("request-id").textContent = id;
  by("request").hidden = false;
}
