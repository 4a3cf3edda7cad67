// The syntax tree of each source in the JSON on standard input ({path: text}) with its words left out: nodes by kind,
// the names of properties and the values of literals blanked, and the tags of its comments. Errors are part of it.
const { readFileSync } = require("node:fs");
const ts = require("typescript");

function skeleton(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const hasName = (node) => ts.isPropertySignature(node) || ts.isPropertyAssignment(node);
  const setsPrototype = (node) =>
    ts.isPropertyAssignment(node) && !ts.isComputedPropertyName(node.name) && node.name.text === "__proto__";
  const walk = (node) => [
    ts.SyntaxKind[node.kind],
    ...(setsPrototype(node) ? ["sets the prototype"] : []),
    ...ts.getJSDocTags(node).map((tag) => `@${tag.tagName.text}`),
    ...children(node).map(walk),
  ];
  const children = (node) => {
    const found = [];
    ts.forEachChild(node, (child) => {
      if (!(hasName(node) && child === node.name)) found.push(child);
    });
    return found;
  };
  const directives = source.commentDirectives ?? [];
  const pragmas = [...(source.pragmas?.keys() ?? [])];
  return [walk(source), source.parseDiagnostics.length, directives.length, pragmas];
}

const sources = Object.entries(JSON.parse(readFileSync(0, "utf-8")));
console.log(JSON.stringify(Object.fromEntries(sources.map(([path, text]) => [path, skeleton(path, text)]))));
