// How the inputs (argv[3] is "input") or outputs of the package at argv[2] differ from those that @fal-ai/client has for
// the same endpoints, as JSON:
// {shared, same, optional, differences: [{endpoint, kind, property, ours, theirs}, …]}. Properties that one side does not
// have and the other does not ask for keep nothing from being assigned, and are only counted: `optional`.
const path = require("node:path");
const ts = require("typescript");

const root = path.resolve(process.argv[2]);
const direction = process.argv[3];
const probe = path.join(root, "probe.d.ts");
const text = `
import type { EndpointTypeMap as Theirs } from "@fal-ai/client/endpoints";
import type { EndpointTypeMap as Ours } from "./index.js";
export declare const shared: keyof Theirs & keyof Ours;
export declare const ours: Ours;
export declare const theirs: Theirs;
`;
const options = { strict: true, noEmit: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: [] };
const host = ts.createCompilerHost(options);
const { fileExists, readFile } = host;
host.fileExists = (name) => name === probe || fileExists(name);
host.readFile = (name) => (name === probe ? text : readFile(name));
const program = ts.createProgram([probe], options, host);
const checker = program.getTypeChecker();
const source = program.getSourceFile(probe);
const problems = ts.getPreEmitDiagnostics(program);
if (problems.length) throw new Error(ts.formatDiagnostics(problems, host));

const exported = Object.fromEntries(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .map((symbol) => [symbol.name, checker.getTypeOfSymbolAtLocation(symbol, source)]),
);
const typeOf = (type, name) => checker.getTypeOfSymbolAtLocation(type.getProperty(name), source);
const shown = (type) => checker.typeToString(type, source, ts.TypeFlags.NoTruncation).slice(0, 300);
const members = (type) => (type.isUnion() ? type.types : [type]);
const fits = (from, to) => checker.isTypeAssignableTo(from, to);
const same = (a, b) => fits(a, b) && fits(b, a);
const isOptional = (symbol) => Boolean(symbol.flags & ts.SymbolFlags.Optional);
const isModel = (type) => Boolean(type.flags & ts.TypeFlags.Object) && !checker.isArrayType(type) && type.getProperties().length > 0;

/** Whether a type is `{}`, which accepts nearly anything. */
const isEmpty = (type) =>
  Boolean(type.flags & ts.TypeFlags.Object) && !checker.getPropertiesOfType(type).length && !checker.getIndexInfosOfType(type).length;

/** Yield what kinds of difference there are between two types that are not the same. */
function* kinds(ours, theirs, property) {
  const without = (type) => checker.getNonNullableType(type);
  const hasNull = (type) => members(type).some(({ flags }) => flags & ts.TypeFlags.Null);
  if (hasNull(ours) !== hasNull(theirs)) {
    yield { kind: hasNull(ours) ? "null taken by the document only" : "null taken by the client only", property };
  }
  [ours, theirs] = [without(ours), without(theirs)];
  if (same(ours, theirs)) return;
  if (checker.isArrayType(ours) && checker.isArrayType(theirs)) {
    const [[a], [b]] = [checker.getTypeArguments(ours), checker.getTypeArguments(theirs)];
    yield* kinds(a, b, `${property}[]`);
    return;
  }
  const [a, b] = [members(ours), members(theirs)];
  const literals = (all) => all.filter((type) => type.isLiteral()).map((type) => type.value);
  if (literals(a).length && literals(b).length) {
    const added = literals(a).filter((value) => !literals(b).includes(value));
    const gone = literals(b).filter((value) => !literals(a).includes(value));
    if (added.length) yield { kind: "enum values in the document only", property };
    if (gone.length) yield { kind: "enum values in the client only", property };
    if (added.length || gone.length) return;
  }
  const [models, others] = [a.filter(isModel), b.filter(isModel)];
  if (models.length === 1 && others.length === 1) {
    let found = false;
    for (const difference of differences(models[0], others[0], `${property}.`)) {
      found = true;
      yield difference;
    }
    if (found) return;
  }
  const details = { property, ours: shown(ours), theirs: shown(theirs) };
  const isFile = (type) => (type.aliasSymbol ?? type.symbol)?.name === "File";
  if (a.some(isFile) && b.some(isFile)) {
    // In the client's module, `File` is the name of fal's record of a file, and hides the global one.
    yield { kind: "the client's File is not the global one", property };
    return;
  }
  const isAnything = (type) =>
    Boolean(type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) || isEmpty(type);
  if (isAnything(ours) || isAnything(theirs)) yield { kind: "not described on one side", ...details };
  else if (literals(a).length || literals(b).length) yield { kind: "enum on one side only", ...details };
  else if (a.some(isFile) || b.some(isFile)) yield { kind: "file on one side only", ...details };
  else yield { kind: "another type", ...details };
}

/** Yield the differences between two object types that keep one from being assigned to the other. */
function* differences(ours, theirs, prefix = "") {
  for (const symbol of ours.getProperties()) {
    const property = prefix + symbol.name;
    const other = theirs.getProperty(symbol.name);
    if (!other) {
      if (!isOptional(symbol)) yield { kind: "required property in the document only", property };
      continue;
    }
    if (isOptional(symbol) !== isOptional(other)) {
      yield { kind: isOptional(symbol) ? "required by the client only" : "required by the document only", property };
    }
    const [a, b] = [symbol, other].map((one) => checker.getTypeOfSymbolAtLocation(one, source));
    if (!same(a, b)) yield* kinds(a, b, property);
  }
  for (const symbol of theirs.getProperties()) {
    if (!ours.getProperty(symbol.name) && !isOptional(symbol)) {
      yield { kind: "required property in the client only", property: prefix + symbol.name };
    }
  }
}

const shared = members(exported.shared).map((type) => type.value);
const seen = { shared: shared.length, same: 0, optional: { ours: 0, theirs: 0 }, differences: [] };
for (const endpoint of shared) {
  const [ours, theirs] = [exported.ours, exported.theirs].map((map) => typeOf(typeOf(map, endpoint), direction));
  const missing = (from, there) => from.getProperties().filter(({ name }) => !there.getProperty(name));
  seen.optional.ours += missing(ours, theirs).filter(isOptional).length;
  seen.optional.theirs += missing(theirs, ours).filter(isOptional).length;
  if (same(ours, theirs)) {
    seen.same += 1;
    continue;
  }
  const found = [...differences(ours, theirs)];
  if (!found.length) found.push({ kind: "unexplained", property: "", ours: shown(ours), theirs: shown(theirs) });
  seen.differences.push(...found.map((difference) => ({ endpoint, ...difference })));
}
console.log(JSON.stringify(seen));
