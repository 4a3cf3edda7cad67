// Controls that are more than an input: sliders, dice, lists, options, files.

import { part, showMatches } from "./dom.js";
import {
  add,
  control,
  focus,
  kindOf,
  number,
  showChosen,
  showNumber,
  showSelected,
} from "./fields.js";
import { showProblem } from "./problems.js";
import { figure } from "./results.js";
import { isServed, upload } from "./server.js";

const LARGEST_SEED = 2 ** 31 - 1;

/** Make the controls of a form work; `changed` is called after a script has changed a value. */
export function startControls(form, changed) {
  form.addEventListener("input", ({ target }) => {
    const field = target.closest(".field");
    if (target.matches(".slider")) control(field).value = target.value;
    if (target.matches(".filter")) showMatches(part(field, ".options").children, target.value);
    if (target.matches(".bar > input")) showNumber(field);
  });
  form.addEventListener("change", async ({ target }) => {
    const field = target.closest(".field");
    if (!field) return;
    if (["union", "preset"].includes(kindOf(field))) showSelected(field);
    if (target.closest(".options")) {
      target.dataset.turn = Date.now(); // options are sent in the order in which they were checked
      showChosen(field);
    }
    if (target.type === "file" && target.files.length) {
      await uploadTo(field, target.files[0]);
      target.value = ""; // the same file can be chosen again
      changed();
    } else if (kindOf(field) === "file") {
      await preview(field);
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".filter")) event.preventDefault();
  });
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.matches(".add")) {
      focus(add(button.closest(".field")));
      changed();
    }
    if (button?.matches(".remove")) {
      const list = button.closest("[data-control=list]");
      button.parentElement.remove();
      number(list);
      part(list, ".add").focus();
      changed();
    }
    if (button?.matches(".dice")) {
      roll(button.closest(".field"));
      changed();
    }
  });
}

function roll(field) {
  const input = control(field);
  const low = Number(input.min || 0);
  const high = Math.min(Number(input.max || LARGEST_SEED), low + LARGEST_SEED);
  input.value = low + Math.floor(Math.random() * (high - low + 1));
  showNumber(field);
}

async function uploadTo(field, file) {
  const bar = part(field, ".upload");
  bar.value = 0;
  bar.hidden = false;
  try {
    control(field).value = await upload(file, (share) => {
      bar.value = share;
    });
    await preview(field);
  } catch (error) {
    showProblem(field, `The file was not uploaded: ${error.message}`);
  } finally {
    bar.hidden = true;
  }
}

/** Show the file of every field. */
export const previewAll = (form) =>
  Promise.all([...form.querySelectorAll("[data-control=file]")].map(preview));

/** Show the file of a field, if the emulator serves it. */
async function preview(field) {
  const url = control(field).value;
  const where = field.querySelector("label").textContent;
  const shown = isServed(url) ? [await figure({ url, where })] : [];
  if (control(field).value === url) part(field, ".preview").replaceChildren(...shown);
}
