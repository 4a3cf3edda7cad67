// Problems of an input, next to their fields or on top of the form.

import { by, made, part, reveal } from "./dom.js";
import { control, focus, innerFields, kindOf, selectedMember } from "./fields.js";

export function clearProblems(form) {
  for (const error of form.querySelectorAll(".error")) {
    error.hidden = true;
    error.textContent = "";
  }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

export function showProblem(field, message) {
  const error = part(field, ".error");
  error.textContent += error.textContent ? ` ${message}` : message;
  error.hidden = false;
  control(field)?.setAttribute("aria-invalid", "true");
  reveal(field);
}

export function showProblemOnTop(message) {
  const problems = by("problems");
  problems.append(made("p", { textContent: message }));
  problems.hidden = false;
}

/** Return the field that a problem's `loc` leads to, and the rest of the path. */
function locate(root, loc) {
  let field = root;
  const left = [...loc];
  for (;;) {
    const member = selectedMember(field);
    if (member) {
      field = member;
      continue;
    }
    const fields = innerFields(field);
    const next =
      kindOf(field) === "list"
        ? fields[left[0]]
        : fields.find((inner) => inner.dataset.name === String(left[0]));
    if (!left.length || !next) return { field, left };
    field = next;
    left.shift();
  }
}

/** Show each problem of a 422 at its field or on top, and focus the first. */
export function showDetail(form, root, detail) {
  for (const { loc = [], msg } of detail) {
    const { field, left } = locate(root, loc[0] === "body" ? loc.slice(1) : loc);
    const message = left.length ? `${left.join(".")}: ${msg}` : msg;
    if (field === root && kindOf(root) === "object") showProblemOnTop(message);
    else showProblem(field, message);
  }
  focusFirstProblem(form);
}

export function focusFirstProblem(form) {
  const first = form.querySelector(".error:not([hidden])");
  const place = first?.closest(".field");
  if (place) focus(place);
  else first?.focus();
}
