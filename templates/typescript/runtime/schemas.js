import { z } from "zod";

export const file = z.union([z.string(), z.instanceof(Blob)]);

export function pattern(source) {
  return new RegExp(source, "u");
}

// Counted in characters, as JSON Schema does; zod counts an emoji as two or more.
export function characters({ min = 0, max = Infinity }) {
  return (context) => {
    const count = [...context.value].length;
    const issue = { origin: "string", inclusive: true, input: context.value };
    if (count < min) context.issues.push({ ...issue, code: "too_small", minimum: min });
    if (count > max) context.issues.push({ ...issue, code: "too_big", maximum: max });
  };
}

export function distinct(context) {
  const items = context.value;
  if (items.some((item, index) => items.slice(0, index).some((earlier) => same(item, earlier)))) {
    const message = "Invalid input: expected no item twice";
    context.issues.push({ code: "custom", message, input: items });
  }
}

// As JSON compares, where the order of an object's keys does not count; a file is only itself.
function same(one, other) {
  if (!isComposed(one) || !isComposed(other)) return one === other;
  const names = Object.keys(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
  );
}

function isComposed(value) {
  return typeof value === "object" && value !== null && !(value instanceof Blob);
}
