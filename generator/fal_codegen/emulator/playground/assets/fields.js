// The form: its fields, and their values.

import { made, part } from "./dom.js";

const TEXT_CONTROLS = ["text", "lines", "file"];
const CUSTOM = "custom"; // the option of a preset that is no value: every other option is JSON

export const kindOf = (field) => field.dataset.control;
export const control = (field) =>
  field.querySelector(
    ":scope > input:not(.filter), :scope > select, :scope > textarea, :scope > .bar > input",
  );

/** Move the focus to a field: to its control, or else to the first inside it. */
export const focus = (field) =>
  (control(field) ?? field.querySelector("select, input, textarea, button"))?.focus();

/** Return the inner fields: properties, members of a union, or items of a list. */
export function innerFields(field) {
  if (kindOf(field) === "list") {
    return [...part(field, ".items").children].map((item) => part(item, ".field"));
  }
  return [
    ...field.querySelectorAll(":scope > .fields > .field, :scope > .more > .fields > .field"),
  ];
}

/** Return the field that has the value of a union or a preset, if any. */
export function selectedMember(field) {
  if (kindOf(field) === "preset") {
    return control(field).value === CUSTOM ? innerFields(field)[0] : undefined;
  }
  if (kindOf(field) !== "union") return undefined;
  const { value } = part(field, ".variant");
  return value === "" ? undefined : innerFields(field)[Number(value)];
}

export function showSelected(field) {
  const member = selectedMember(field);
  for (const inner of innerFields(field)) inner.hidden = inner !== member;
}

// Reading ----------------------------------------------------------------------------------------

/** The text of a control is not a value. */
export class Unreadable extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

const isRequired = (field) => field.dataset.required !== undefined;
const isNullable = (field) => field.dataset.nullable !== undefined;

/** What a field says before anybody changes it, as JSON. */
const untouched = new WeakMap();

/** The fields that start with a default. */
const defaulted = new WeakSet();
const hasDefault = (field) => defaulted.has(field);

/** Return a field's value; undefined if nobody has set it. Throws Unreadable. */
export function read(field) {
  const value = readSet(field);
  if (!isRequired(field) && JSON.stringify(value) === untouched.get(field)) return undefined;
  const isNull = value === undefined && isNullable(field) && isAlwaysSet(field);
  return isNull ? null : value;
}

/** Leaving a field out is no way to empty it if it has a default. */
const isAlwaysSet = (field) => isRequired(field) || hasDefault(field);

function readSet(field) {
  switch (kindOf(field)) {
    case "null":
      return null;
    case "object": {
      const values = innerFields(field).map((inner) => [inner.dataset.name, read(inner)]);
      const set = values.filter(([, value]) => value !== undefined);
      return set.length || isAlwaysSet(field) ? Object.fromEntries(set) : undefined;
    }
    case "list": {
      const items = innerFields(field);
      return items.length || isAlwaysSet(field) ? items.map(readItem) : undefined;
    }
    case "options": {
      const values = chosen(field).map((box) => JSON.parse(box.value));
      return values.length || isAlwaysSet(field) ? values : undefined;
    }
    case "union":
    case "preset": {
      const member = selectedMember(field);
      if (member) return readItem(member);
      return kindOf(field) === "preset" ? readControl(field) : undefined;
    }
    default:
      return readControl(field);
  }
}

/** Return the value of an item or a member of a union, which has one even if it is empty. */
function readItem(field) {
  const value = read(field);
  if (value !== undefined) return value;
  return TEXT_CONTROLS.includes(kindOf(field)) ? "" : null;
}

function readControl(field) {
  const input = control(field);
  if (kindOf(field) === "switch") return input.checked;
  if (input.validity.badInput) throw new Unreadable(field, "This is not a number.");
  const text = input.value;
  if (text === "") {
    const isEmptyText = TEXT_CONTROLS.includes(kindOf(field)) && hasDefault(field);
    return isEmptyText && !isNullable(field) ? "" : undefined;
  }
  switch (kindOf(field)) {
    case "choice":
    case "preset":
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

/** Return the checked boxes of a list of options, in the order in which they were checked. */
function chosen(field) {
  const boxes = [...part(field, ".options").querySelectorAll("input:checked")];
  return boxes.sort((one, other) => one.dataset.turn - other.dataset.turn);
}

/** Return how many of the inner fields are set to something else than their defaults. */
export function countSet(fields) {
  return fields.filter((field) => {
    try {
      return read(field) !== undefined;
    } catch {
      return true;
    }
  }).length;
}

// Filling ----------------------------------------------------------------------------------------

const template = (field) => part(field, "template").content.firstElementChild;
const option = (field, value) =>
  [...control(field).options].find(
    ({ value: json }) => json !== "" && json !== CUSTOM && JSON.parse(json) === value,
  )?.value;
const boxes = (field) => [...part(field, ".options").querySelectorAll("input")];

/** Return whether a field with this control can have a value. */
function accepts(field, value) {
  switch (kindOf(field)) {
    case "null":
      return value === null;
    case "object":
      return value !== null && typeof value === "object" && !Array.isArray(value);
    case "list":
      return Array.isArray(value) && value.every((item) => accepts(template(field), item));
    case "options": {
      const known = boxes(field).map((box) => JSON.parse(box.value));
      return Array.isArray(value) && value.every((item) => known.includes(item));
    }
    case "union":
      return innerFields(field).some((member) => accepts(member, value));
    case "preset":
      return option(field, value) !== undefined || accepts(innerFields(field)[0], value);
    case "choice":
      return option(field, value) !== undefined;
    case "switch":
      return typeof value === "boolean";
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

/** Set the value of a field; one that it cannot have sets its default, or clears it. */
export function fill(field, value) {
  const initial = field.dataset.default && JSON.parse(field.dataset.default);
  const hasInitial = initial !== undefined && accepts(field, initial);
  if (hasInitial) defaulted.add(field);
  put(field, hasInitial ? initial : undefined);
  untouched.set(field, JSON.stringify(readSet(field)));
  if (value === null) put(field, undefined);
  else if (value !== undefined && accepts(field, value)) put(field, value);
}

function put(field, value) {
  switch (kindOf(field)) {
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
      for (const item of value ?? []) add(field, item);
      return;
    case "options":
      for (const box of boxes(field)) {
        const at = (value ?? []).indexOf(JSON.parse(box.value));
        box.checked = at >= 0;
        box.dataset.turn = at;
      }
      showChosen(field);
      return;
    case "union": {
      const members = innerFields(field);
      const index = value === undefined ? -1 : members.findIndex((member) => accepts(member, value));
      part(field, ".variant").value = index < 0 ? "" : index;
      members.forEach((member, at) => fill(member, at === index ? value : undefined));
      showSelected(field);
      return;
    }
    case "preset": {
      const [custom] = innerFields(field);
      const isCustom = option(field, value) === undefined && value != null;
      control(field).value = isCustom ? CUSTOM : (option(field, value) ?? "");
      fill(custom, isCustom ? value : undefined);
      showSelected(field);
      return;
    }
    case "choice":
      control(field).value = option(field, value) ?? "";
      return;
    case "switch":
      control(field).checked = value === true;
      return;
    case "json":
      control(field).value = value === undefined ? "" : JSON.stringify(value, null, 2);
      return;
    default:
      control(field).value = value ?? "";
      showNumber(field);
  }
}

/** Move the slider of a number to the number. */
export function showNumber(field) {
  const slider = field.querySelector(":scope > .bar > .slider");
  if (!slider) return;
  const { value } = control(field);
  slider.value = value === "" ? slider.min : value;
  slider.classList.toggle("unset", value === "");
}

/** List the chosen options of a list. */
export function showChosen(field) {
  const names = chosen(field).map((box) => box.parentElement.textContent.trim());
  part(field, ".chosen").textContent = names.length
    ? `${names.length} selected: ${names.join(", ")}`
    : "None selected.";
}

// Lists ------------------------------------------------------------------------------------------

let copies = 0;

/** Add an item to a list, and return its field. */
export function add(list, value) {
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
  fill(field, value);
  number(list);
  return field;
}

/** Number the items of a list in their labels. */
export function number(list) {
  innerFields(list).forEach((field, index) => {
    for (const position of field.querySelectorAll(".position")) {
      if (position.closest(".field") === field) position.textContent = ` ${index + 1}`;
    }
    const label = field.querySelector("label, legend").textContent;
    part(field.parentElement, ".remove").setAttribute("aria-label", `Remove ${label}`);
  });
}
