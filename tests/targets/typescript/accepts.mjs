// Whether the schema `Input` of a module takes a value, for each [module, value] of the JSON on standard input.
import { readFileSync } from "node:fs";

const answers = [];
for (const [module, value] of JSON.parse(readFileSync(0, "utf-8"))) {
  const { Input } = await import(module);
  answers.push(Input.safeParse(value).success);
}
console.log(JSON.stringify(answers));
