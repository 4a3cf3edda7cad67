// The page of an endpoint: its form, its jobs, their results, and the code of the call.

import { previewAll, startControls } from "./controls.js";
import { by, copy, isInactive, made, setInactive } from "./dom.js";
import { Unreadable, countSet, fill, innerFields, read } from "./fields.js";
import { draft as draftOf, history as historyOf } from "./memory.js";
import {
  clearProblems,
  focusFirstProblem,
  showDetail,
  showProblem,
  showProblemOnTop,
} from "./problems.js";
import { clearResult, showLogs, showRequestId, showResult } from "./results.js";
import { cancel, estimate, poll, resultOf, snippets, submit } from "./server.js";

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

/** Show the result: on a phone, it is below the form. */
function scrollToResult(form) {
  const { top } = by("result").getBoundingClientRect();
  const isBelow = top > form.getBoundingClientRect().bottom;
  if (isBelow || top < 0) by("result").scrollIntoView();
}

export function startEndpoint(form) {
  const root = by("root");
  const { endpoint } = form.dataset;
  const draft = draftOf(endpoint);
  const history = historyOf(endpoint);
  let job;

  // Jobs -----------------------------------------------------------------------------------------

  /** Return the input; if a control has no value, show that, and return undefined. */
  function readInput() {
    try {
      return read(root) ?? null;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      showProblem(error.field, error.message);
      focusFirstProblem(form);
      return undefined;
    }
  }

  async function start() {
    if (isInactive("submit")) return;
    clearProblems(form);
    const input = readInput();
    if (input === undefined) return;
    clearResult();
    showStatus("Submitting.", false);
    scrollToResult(form);
    await ending(async () => {
      const faults = by("faults").value;
      const headers = faults ? { [form.dataset.faultsHeader]: faults } : {};
      job = await submit(endpoint, input, headers);
      history.add({ at: Date.now(), input, job });
      showHistory();
      await follow();
    });
  }

  /** Show an earlier job, and its input. */
  async function revisit(request) {
    if (isInactive("submit")) return;
    clearProblems(form);
    fill(root, request.input);
    changed();
    previewAll(form);
    clearResult();
    showStatus("Loading.", false);
    scrollToResult(form);
    job = request.job;
    await ending(follow, "The emulator no longer has this job. Its input is in the form.");
  }

  /** Follow the job to its end, and show its result. */
  async function follow() {
    showRequestId(job.request_id);
    setInactive("cancel", false);
    const update = await poll(job, {
      onUpdate(update) {
        showLogs(update.logs ?? []);
        if (update.status !== "COMPLETED") showStatus(describe(update), false);
      },
      onFailure: (error) => showStatus(`${error.message} Trying again.`, false),
    });
    if (update.error_type === "client_cancelled") {
      showStatus("Cancelled.", true);
      return;
    }
    await showResult(await resultOf(job));
    const seconds = update.metrics?.inference_time ?? 0;
    showStatus(`Completed after ${seconds.toFixed(2)} s.`, true);
  }

  /** Run a job to its end, and show why it failed if it did. */
  async function ending(run, missing) {
    try {
      await run();
    } catch (error) {
      if (error.detail) {
        showStatus("The model rejected the input.", true);
        showDetail(form, root, error.detail);
      } else if (missing && error.status === 404) {
        showStatus(missing, true);
      } else {
        showStatus("Failed.", true);
        showProblemOnTop(error.message);
        focusFirstProblem(form);
      }
    } finally {
      setInactive("cancel", true);
    }
  }

  // History --------------------------------------------------------------------------------------

  function showHistory() {
    const requests = history.get();
    by("history").hidden = !requests.length;
    by("requests").replaceChildren(...requests.map(entry));
  }

  function entry(request) {
    const time = new Date(request.at).toLocaleString();
    const button = made("button", { type: "button", className: "link", textContent: time });
    button.append(made("span", { className: "unseen", textContent: ": show this request" }));
    button.addEventListener("click", () => revisit(request));
    const input = made("span", { className: "about", textContent: JSON.stringify(request.input) });
    return made("li", {}, button, input);
  }

  // Code -----------------------------------------------------------------------------------------

  const checkedValue = (name) => form.ownerDocument.querySelector(`input[name=${name}]:checked`).value;
  let latest = 0;

  async function showSnippet(input) {
    const mine = ++latest;
    let text;
    try {
      const programs = await snippets(endpoint, checkedValue("to"), input);
      text = programs[checkedValue("language")];
    } catch (error) {
      text = error.message;
    }
    if (mine === latest) by("snippet").textContent = text;
  }

  // Price ----------------------------------------------------------------------------------------

  let priced = 0;

  /** Show what an input costs; `undefined` if the form has none. */
  async function showEstimate(input) {
    const mine = ++priced;
    const price = input && (await estimate(endpoint, input).catch(() => undefined));
    const text = price ?? "unknown";
    // a screen reader reads each change
    if (mine === priced && by("estimate").value !== text) by("estimate").value = text;
  }

  /** Show the code and the price of the input, and keep the input. */
  function update() {
    let input;
    try {
      input = read(root);
      draft.set(input);
      showSnippet(input);
    } catch (error) {
      latest += 1;
      by("snippet").textContent = error.message;
    }
    showEstimate(input);
    const optional = by("more")?.querySelector(".fields");
    const count = optional ? countSet([...optional.children]) : 0;
    if (by("set")) by("set").textContent = count ? `, ${count} set` : "";
  }

  let timer;
  function changed() {
    clearTimeout(timer);
    timer = setTimeout(update, 150);
  }

  // The page -------------------------------------------------------------------------------------

  function fillExample() {
    clearProblems(form);
    fill(root, JSON.parse(form.dataset.example));
    previewAll(form);
    changed();
  }

  startControls(form, changed);
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    start();
  });
  by("reset").addEventListener("click", fillExample);
  by("cancel").addEventListener("click", async () => {
    if (isInactive("cancel")) return;
    showStatus("Cancelling.", false);
    await cancel(job).catch(() => undefined);
  });
  by("copy").addEventListener("click", () => copy(by("snippet"), by("copied")));
  by("copy-id").addEventListener("click", () => copy(by("request-id"), by("copied-id")));
  by("forget").addEventListener("click", () => {
    history.clear();
    showHistory();
    by("submit").focus();
  });
  for (const choice of document.querySelectorAll("input[type=radio]")) {
    choice.addEventListener("change", update);
  }
  document.querySelector("input[name=language]").checked = true;
  fillExample();
  const kept = draft.get();
  if (kept !== undefined) fill(root, kept);
  previewAll(form);
  showHistory();
  by("controls").disabled = false; // until now, the example would have replaced typed values
}
