// Whether a schema takes a value, for each [module, name, value] of the JSON on standard input.
import { readFileSync } from "node:fs";

const answers = [];
for (const [module, name, value] of JSON.parse(readFileSync(0, "utf-8"))) {
  const schemas = await import(module);
  answers.push(schemas[name].safeParse(value).success);
}
console.log(JSON.stringify(answers));
