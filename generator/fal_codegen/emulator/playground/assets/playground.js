// The playground: reads and fills the form that the server rendered, and calls the emulator.

const FIRST_PAUSE = 50; // milliseconds before a job is polled again; doubled each time, up to
const LONGEST_PAUSE = 500;
const MOST_FAILURES = 5; // polls that may fail in a row
const TEXT_CONTROLS = ["text", "lines", "file"];

const by = (id) => document.getElementById(id);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Fields -----------------------------------------------------------------------------------------

const controlOf = (field) => field.dataset.control;
const part = (field, selector) => field.querySelector(`:scope > ${selector}`);
const control = (field) =>
  field.querySelector(":scope > input, :scope > select, :scope > textarea, :scope > .bar > input");

/** Return the inner fields: properties, members of a union, or items of a list. */
function innerFields(field) {
  if (controlOf(field) === "list") {
    return [...part(field, ".items").children].map((item) => part(item, ".field"));
  }
  return [...(part(field, ".fields")?.children ?? [])];
}

/** Return the selected member of a union, if any. */
function selectedMember(field) {
  const { value } = part(field, ".variant");
  return value === "" ? undefined : innerFields(field)[Number(value)];
}

/** The text of a control is not a value. */
class Unreadable extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/** Return a field's value; undefined if it is not set. Throws Unreadable. */
function read(field) {
  const value = readSet(field);
  const { required, nullable } = field.dataset;
  return value === undefined && required !== undefined && nullable !== undefined ? null : value;
}

function readSet(field) {
  const isRequired = field.dataset.required !== undefined;
  switch (controlOf(field)) {
    case "null":
      return null;
    case "object": {
      const values = innerFields(field).map((inner) => [inner.dataset.name, read(inner)]);
      const set = values.filter(([, value]) => value !== undefined);
      return set.length || isRequired ? Object.fromEntries(set) : undefined;
    }
    case "list": {
      const items = innerFields(field);
      return items.length || isRequired ? items.map(readItem) : undefined;
    }
    case "union": {
      const member = selectedMember(field);
      return member && readItem(member);
    }
    default:
      return readControl(field);
  }
}

/** Return the value of an item or a member of a union, which has one even if it is empty. */
function readItem(field) {
  const value = read(field);
  if (value !== undefined) return value;
  return TEXT_CONTROLS.includes(controlOf(field)) ? "" : null;
}

function readControl(field) {
  const input = control(field);
  if (input.validity.badInput) throw new Unreadable(field, "This is not a number.");
  const text = input.value;
  if (text === "") return undefined;
  switch (controlOf(field)) {
    case "choice":
      return JSON.parse(text);
    case "integer":
    case "number": {
      const number = Number(text);
      if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
        throw new Unreadable(field, "A browser cannot send a number of this size exactly.");
      }
      return number;
    }
    case "json":
      try {
        return JSON.parse(text);
      } catch (error) {
        throw new Unreadable(field, `This is not JSON: ${error.message}`);
      }
    default:
      return text;
  }
}

/** Return whether a field with this control can have a value. */
function accepts(field, value) {
  switch (controlOf(field)) {
    case "null":
      return value === null;
    case "object":
      return value !== null && typeof value === "object" && !Array.isArray(value);
    case "list":
      return Array.isArray(value) && value.every((item) => accepts(template(field), item));
    case "union":
      return innerFields(field).some((member) => accepts(member, value));
    case "choice":
      return option(field, value) !== undefined;
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "json":
      return true;
    default:
      return typeof value === "string";
  }
}

const template = (field) => part(field, "template").content.firstElementChild;
const option = (field, value) =>
  [...control(field).options].find(
    (one) => one.value !== "" && JSON.parse(one.value) === value,
  )?.value;

/** Set the value of a field; undefined clears it. */
function fill(field, value) {
  switch (controlOf(field)) {
    case "null":
      return;
    case "object":
      for (const inner of innerFields(field)) {
        const { name } = inner.dataset;
        fill(inner, value && Object.hasOwn(value, name) ? value[name] : undefined);
      }
      return;
    case "list":
      part(field, ".items").replaceChildren();
      for (const item of value ?? []) fill(add(field), item);
      return;
    case "union": {
      const members = innerFields(field);
      const index = value === undefined ? -1 : members.findIndex((member) => accepts(member, value));
      part(field, ".variant").value = index < 0 ? "" : index;
      members.forEach((member, at) => fill(member, at === index ? value : undefined));
      showSelected(field);
      return;
    }
    case "choice":
      control(field).value = option(field, value) ?? "";
      return;
    case "json":
      control(field).value = value === undefined ? "" : JSON.stringify(value, null, 2);
      return;
    default:
      control(field).value = value ?? "";
  }
}

function showSelected(union) {
  const member = selectedMember(union);
  for (const inner of innerFields(union)) inner.hidden = inner !== member;
}

let copies = 0;

/** Add an item to a list, and return its field. */
function add(list) {
  const field = document.importNode(template(list), true);
  copies += 1;
  for (const name of ["id", "for", "aria-describedby"]) {
    for (const element of [field, ...field.querySelectorAll(`[${name}]`)]) {
      const ids = element.getAttribute(name);
      if (ids) element.setAttribute(name, ids.replace(/\S+/g, `$&-${copies}`));
    }
  }
  const remove = made("button", { type: "button", className: "remove", textContent: "Remove" });
  part(list, ".items").append(made("li", {}, field, remove));
  for (const union of field.querySelectorAll("[data-control=union]")) showSelected(union);
  if (controlOf(field) === "union") showSelected(field);
  number(list);
  return field;
}

/** Number the items of a list in their labels. */
function number(list) {
  innerFields(list).forEach((field, index) => {
    for (const position of field.querySelectorAll(".position")) {
      if (position.closest(".field") === field) position.textContent = ` ${index + 1}`;
    }
    const label = field.querySelector("label, legend").textContent;
    part(field.parentElement, ".remove").setAttribute("aria-label", `Remove ${label}`);
  });
}

// Problems ---------------------------------------------------------------------------------------

function clearProblems(form) {
  for (const error of form.querySelectorAll(".error")) {
    error.hidden = true;
    error.textContent = "";
  }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

function showProblem(field, message) {
  const error = part(field, ".error");
  error.textContent += error.textContent ? ` ${message}` : message;
  error.hidden = false;
  control(field)?.setAttribute("aria-invalid", "true");
}

function showProblemOnTop(message) {
  const problems = by("problems");
  problems.append(made("p", { textContent: message }));
  problems.hidden = false;
}

/** Return the field that a problem's `loc` leads to, and the rest of the path. */
function locate(root, loc) {
  let field = root;
  const left = [...loc];
  for (;;) {
    if (controlOf(field) === "union" && selectedMember(field)) {
      field = selectedMember(field);
      continue;
    }
    const fields = innerFields(field);
    const next =
      controlOf(field) === "list"
        ? fields[left[0]]
        : fields.find((inner) => inner.dataset.name === String(left[0]));
    if (!left.length || !next) return { field, left };
    field = next;
    left.shift();
  }
}

/** Show each problem of a 422 at its field or on top, and focus the first. */
function showDetail(form, root, detail) {
  for (const { loc = [], msg } of detail) {
    const { field, left } = locate(root, loc[0] === "body" ? loc.slice(1) : loc);
    const message = left.length ? `${left.join(".")}: ${msg}` : msg;
    if (field === root && controlOf(root) === "object") showProblemOnTop(message);
    else showProblem(field, message);
  }
  focusFirstProblem(form);
}

function focusFirstProblem(form) {
  const first = form.querySelector(".error:not([hidden])");
  const place = first?.closest(".field");
  if (!place) first?.focus();
  else (control(place) ?? place.querySelector("select, input, textarea, button"))?.focus();
}

// Calls ------------------------------------------------------------------------------------------

/** An error response. */
class ErrorResponse extends Error {
  constructor(status, body) {
    const detail = body?.detail ?? body?.error?.message;
    super(typeof detail === "string" ? `${detail} (${status})` : `The server answered with ${status}.`);
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

const key = () => ({ Authorization: `Key ${by("key").value}` });
const json = { "Content-Type": "application/json" };

async function upload(file) {
  const type = file.type || "application/octet-stream";
  const { upload_url, file_url } = await ask("/rest/storage/upload/initiate", {
    method: "POST",
    headers: { ...key(), ...json },
    body: JSON.stringify({ file_name: file.name, content_type: type }),
  });
  await ask(upload_url, { method: "PUT", headers: { "Content-Type": type }, body: file });
  return file_url;
}

/** An inactive button keeps the focus, so the attribute `disabled` is not used. */
const setInactive = (id, isInactive) => by(id).setAttribute("aria-disabled", isInactive);
const isInactive = (id) => by(id).getAttribute("aria-disabled") === "true";

function showStatus(text, isOver) {
  if (by("status").textContent !== text) by("status").textContent = text; // a screen reader reads each change
  by("progress").hidden = isOver;
  setInactive("submit", !isOver);
}

function describe(update) {
  if (update.status === "IN_QUEUE") {
    const ahead = update.queue_position ?? 0;
    return ahead ? `In the queue, ${ahead} ahead.` : "In the queue, next.";
  }
  return update.status === "IN_PROGRESS" ? "Running." : `${update.status}.`;
}

function showLogs(lines = []) {
  const logs = by("logs");
  for (const { message } of lines.slice(logs.children.length)) {
    logs.append(made("li", { textContent: message }));
    logs.scrollTop = logs.scrollHeight;
  }
  logs.hidden = !logs.children.length;
}

/** Poll a job until it is completed; a failed poll is repeated. */
async function poll(job) {
  let failed = 0;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      const update = await ask(`${job.status_url}?logs=1`, { headers: key() });
      failed = 0;
      showLogs(update.logs ?? []);
      if (update.status === "COMPLETED") return update;
      showStatus(describe(update), false);
    } catch (error) {
      failed += 1;
      if (failed === MOST_FAILURES) throw error;
      showStatus(`${error.message} Trying again.`, false);
    }
    await wait(pause);
  }
}

// Results ----------------------------------------------------------------------------------------

/** Yield every file of a result: its URL, its content type if any, and its place. */
function* files(value, where = "result") {
  if (typeof value === "string") {
    if (value.startsWith(`${location.origin}/files/`)) yield { url: value, where };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* files(item, `${where} ${index + 1}`);
  } else if (value && typeof value === "object") {
    if (typeof value.url === "string" && value.url.startsWith(`${location.origin}/`)) {
      yield { url: value.url, type: value.content_type, where };
    } else {
      for (const [name, item] of Object.entries(value)) yield* files(item, name);
    }
  }
}

async function figure({ url, type, where }) {
  const known = type ?? (await fetch(url, { method: "HEAD" })).headers.get("content-type") ?? "";
  const link = made("a", { href: url, textContent: url });
  const caption = made("figcaption", {}, `${where}: `, link);
  const kind = known.split("/")[0];
  let view = "";
  if (kind === "image") view = made("img", { src: url, alt: where });
  if (kind === "video" || kind === "audio") {
    view = made(kind, { src: url, controls: true, ariaLabel: where });
  }
  return made("figure", {}, view, caption);
}

async function showResult(result) {
  const found = await Promise.all([...files(result)].map(figure));
  by("media").replaceChildren(...found);
  const raw = by("raw");
  part(raw, "pre").textContent = JSON.stringify(result, null, 2);
  raw.hidden = false;
  raw.open = !found.length;
}

// Pages ------------------------------------------------------------------------------------------

function startEndpoint(form) {
  const root = by("root");
  const endpoint = form.dataset.endpoint;
  let job;

  async function submit() {
    if (isInactive("submit")) return;
    clearProblems(form);
    let payload;
    try {
      payload = read(root);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      showProblem(error.field, error.message);
      focusFirstProblem(form);
      return;
    }
    by("logs").replaceChildren();
    by("media").replaceChildren();
    by("raw").hidden = true;
    showLogs();
    showStatus("Submitting.", false);
    try {
      const headers = { ...key(), ...json };
      if (by("faults").value) headers[form.dataset.faultsHeader] = by("faults").value;
      job = await ask(`/queue/${endpoint}`, {
        method: "POST",
        headers,
        body: JSON.stringify(payload),
      });
      setInactive("cancel", false);
      showStatus(describe(job), false);
      const update = await poll(job);
      if (update.error_type === "client_cancelled") {
        showStatus("Cancelled.", true);
        return;
      }
      const result = await ask(job.response_url, { headers: key() });
      await showResult(result);
      const seconds = update.metrics?.inference_time ?? 0;
      showStatus(`Completed after ${seconds.toFixed(2)} s.`, true);
    } catch (error) {
      if (error.detail) {
        showStatus("The model rejected the input.", true);
        showDetail(form, root, error.detail);
      } else {
        showStatus("Failed.", true);
        showProblemOnTop(error.message);
        focusFirstProblem(form);
      }
    } finally {
      setInactive("cancel", true);
    }
  }

  const checkedValue = (name) => form.ownerDocument.querySelector(`input[name=${name}]:checked`).value;
  let latest = 0;

  async function showSnippet() {
    const mine = ++latest;
    let text;
    try {
      const snippets = await ask(`/playground/snippets/${endpoint}?to=${checkedValue("to")}`, {
        method: "POST",
        headers: json,
        body: JSON.stringify(read(root) ?? null),
      });
      text = snippets[checkedValue("language")];
    } catch (error) {
      text = error.message;
    }
    if (mine === latest) by("snippet").textContent = text;
  }

  let timer;
  function changed() {
    clearTimeout(timer);
    timer = setTimeout(showSnippet, 150);
  }

  function fillExample() {
    clearProblems(form);
    fill(root, JSON.parse(form.dataset.example));
    changed();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("input", changed);
  form.addEventListener("change", async ({ target }) => {
    if (target.matches(".variant")) showSelected(target.closest(".field"));
    if (target.type === "file" && target.files.length) {
      const field = target.closest(".field");
      try {
        control(field).value = await upload(target.files[0]);
      } catch (error) {
        showProblem(field, `The file was not uploaded: ${error.message}`);
      }
      target.value = "";
      changed();
    }
  });
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.matches(".add")) {
      const field = add(button.closest(".field"));
      (control(field) ?? field.querySelector("select, input, textarea, button"))?.focus();
      changed();
    }
    if (button?.matches(".remove")) {
      const list = button.closest("[data-control=list]");
      button.parentElement.remove();
      number(list);
      part(list, ".add").focus();
      changed();
    }
  });
  by("reset").addEventListener("click", fillExample);
  by("cancel").addEventListener("click", async () => {
    if (isInactive("cancel")) return;
    showStatus("Cancelling.", false);
    await ask(job.cancel_url, { method: "PUT", headers: key() }).catch(() => undefined);
  });
  by("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(by("snippet").textContent);
      by("copied").textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(by("snippet"));
      by("copied").textContent = "Selected. The browser does not allow pages to copy here.";
    }
  });
  for (const choice of document.querySelectorAll("input[type=radio]")) {
    choice.addEventListener("change", showSnippet);
  }
  document.querySelector("input[name=language]").checked = true;
  fillExample();
  by("controls").disabled = false; // until now, the example would have replaced typed values
}

function startIndex(filter) {
  function showMatches() {
    const words = filter.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const entry of by("endpoints").children) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
      count += !entry.hidden;
    }
    by("found").textContent = `${count} found.`;
  }

  filter.addEventListener("input", showMatches);
  if (filter.value) showMatches(); // typed before this script started
}

if (by("call")) startEndpoint(by("call"));
else startIndex(by("filter"));
