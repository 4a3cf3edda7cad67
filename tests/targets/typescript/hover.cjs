// What an editor shows for each name in the JSON list on standard input, where it occurs last in the program at argv[2].
const { readFileSync } = require("node:fs");
const path = require("node:path");
const ts = require("typescript");

const file = path.resolve(process.argv[2]);
const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, strict: true, types: [] };
const service = ts.createLanguageService({
  ...ts.sys,
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  getCompilationSettings: () => options,
  getCurrentDirectory: () => path.dirname(file),
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  getScriptFileNames: () => [file],
  getScriptSnapshot: (name) =>
    ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(name)) : undefined,
  getScriptVersion: () => "1",
});
const text = readFileSync(file, "utf-8");
const shown = JSON.parse(readFileSync(0, "utf-8")).map((name) => {
  const info = service.getQuickInfoAtPosition(file, text.lastIndexOf(name) + name.length - 1);
  return ts.displayPartsToString(info.documentation);
});
console.log(JSON.stringify(shown));
