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
