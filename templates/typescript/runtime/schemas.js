import * as z from "zod";

const url = z.string().regex(/^(https?:\/\/[^/?#\s]|data:)/i, "should be an http(s) or data URL");

export const file = z.union([url, z.instanceof(Blob)]);

export function pattern(source) {
  return new RegExp(source, "u");
}

// A property that every object inherits, such as `toString`: an inherited value counts as absent.
export function inherited(schema) {
  const own = (value) => (typeof value === "function" ? undefined : value);
  return z.preprocess(own, schema).optional();
}

/**
 * A property whose value discriminates between the members of a union. Its type lists the known
 * values; the schema accepts others, because the server may add some.
 *
 * @template {string | number | boolean} const Value
 * @param {z.ZodType} schema
 * @param {...Value} values
 * @returns {z.ZodType<Value, Value>}
 */
export function tag(schema, ...values) {
  return schema;
}

// JSON Schema counts characters; zod counts an emoji as two or more. A Blob will get a short URL.
export function characters({ min = 0, max = Infinity }) {
  return (context) => {
    if (context.value instanceof Blob) return;
    const count = [...context.value].length;
    const issue = { origin: "string", inclusive: true, input: context.value };
    if (count < min) context.issues.push({ ...issue, code: "too_small", minimum: min });
    if (count > max) context.issues.push({ ...issue, code: "too_big", maximum: max });
  };
}

export function distinct(context) {
  const files = new Map();
  const seen = new Set();
  for (const item of context.value) {
    const key = keyOf(item, files);
    if (key === undefined || seen.has(key)) {
      const problem = key === undefined ? `at most ${DEEPEST} levels` : "no duplicate items";
      const message = `Invalid input: expected ${problem}`;
      context.issues.push({ code: "custom", message, input: context.value });
      return;
    }
    seen.add(key);
  }
}

const DEEPEST = 100;

// Two values have the same key if, and only if, they are equal as JSON; the order of properties does
// not matter. A file, or any other value that JSON does not have, equals only itself. A value that
// is nested too deeply has no key.
function keyOf(value, others, level = 0) {
  if (level > DEEPEST) return undefined;
  if (typeof value !== "object" || value === null) return scalarKey(value);
  if (!isPlain(value)) {
    if (!others.has(value)) others.set(value, `#${others.size}`);
    return others.get(value);
  }
  const parts = [];
  const names = Array.isArray(value) ? [...value.keys()] : Object.keys(value).sort();
  for (const name of names) {
    const key = keyOf(value[name], others, level + 1);
    if (key === undefined) return undefined;
    parts.push(Array.isArray(value) ? key : `${JSON.stringify(name)}:${key}`);
  }
  return Array.isArray(value) ? `[${parts.join()}]` : `{${parts.join()}}`;
}

function scalarKey(value) {
  return typeof value === "string" ? JSON.stringify(value) : String(value === 0 ? 0 : value);
}

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

// A union whose variants are discriminated by tags: properties, listed with their values beside
// each variant. A value with a known tag must be one of the variants with that tag.
export function tagged(variants) {
  const tags = variants.map(([, own]) => own);
  return z.union(
    variants.map(([variant, own]) =>
      variant.check(({ value, issues }) => {
        if (isOther(value, own, tags) && !tags.every((each) => isOther(value, each, tags))) {
          const message = "Invalid input: expected the variant of its tag";
          issues.push({ code: "custom", message, input: value });
        }
      }),
    ),
  );
}

function isOther(value, own, tags) {
  if (typeof value !== "object" || value === null) return false;
  return tags.some((each) =>
    Object.keys(each).some((name) => has(each, name, value) && !has(own, name, value)),
  );
}

function has(tags, name, value) {
  return (
    Object.hasOwn(tags, name) && Object.hasOwn(value, name) && tags[name].includes(value[name])
  );
}
