// The TextMate grammar in the engine of VS Code: every word and sign of every protocol has a scope of its own, keywords of the
// compiler's table are keywords, and a sample looks as test/sample.snap says. `--update` writes that file.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../../..");
const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
await oniguruma.loadWASM(readFileSync(wasm).buffer);

const path = join(here, "../syntaxes/omt.tmLanguage.json");
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) =>
    scope === "source.omt" ? textmate.parseRawGrammar(readFileSync(path, "utf8"), path) : null,
});
const grammar = await registry.loadGrammar("source.omt");
if (grammar === null) throw new Error("the grammar cannot be loaded");

/** The pieces of a text that are not white space: line number, text, innermost scope. */
function pieces(text) {
  const found = [];
  let state = textmate.INITIAL;
  text.split("\n").forEach((line, index) => {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      const piece = line.slice(startIndex, endIndex).trim();
      if (piece !== "") found.push({ line: index + 1, piece, scope: scopes.length > 1 ? scopes.at(-1) : null });
    }
  });
  return found;
}

let failures = 0;
function fail(message) {
  failures += 1;
  if (failures <= 20) console.log(`grammar: ${message}`);
}

const sources = readdirSync(join(root, "protocols"), { recursive: true })
  .filter((name) => name.endsWith(".omt"))
  .map((name) => join(root, "protocols", name));
const table = JSON.parse(readFileSync(join(root, "editors/words.json"), "utf8"));
const declarations = new Set(table.kinds.find((kind) => kind.name === "declaration").words);

let count = 0;
for (const source of sources) {
  const text = readFileSync(source, "utf8");
  const lines = text.split("\n");
  let before = 0;
  for (const { line, piece, scope } of pieces(text)) {
    count += 1;
    const place = `${source.slice(root.length)}:${line}`;
    if (scope === null) fail(`${place}: \`${piece}\` has no scope`);
    // What begins in the first column begins a declaration.
    const begins = line !== before && lines[line - 1].startsWith(piece) && declarations.has(piece);
    if (begins && !scope?.startsWith("keyword.")) fail(`${place}: \`${piece}\` is ${scope}`);
    before = line;
  }
}
if (sources.length === 0 || count < 10_000) fail(`only ${count} pieces in ${sources.length} files`);

const sample = pieces(readFileSync(join(here, "sample.omt"), "utf8"));
const snapshot = sample.map(({ line, piece, scope }) => `${line}\t${piece}\t${scope}`).join("\n") + "\n";
const kept = join(here, "sample.snap");
if (process.argv.includes("--update")) {
  writeFileSync(kept, snapshot);
} else {
  const wanted = readFileSync(kept, "utf8").split("\n");
  snapshot.split("\n").forEach((found, index) => {
    if (found !== wanted[index]) fail(`sample.snap:${index + 1}: \`${found}\` instead of \`${wanted[index]}\``);
  });
}
console.log(`grammar: ${count} pieces of ${sources.length} files, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
