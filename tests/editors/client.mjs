// The library with which VS Code talks to language servers, under Node: the real server, the real protocols. VS Code itself cannot
// be fetched where the tests run.
//
//     node tests/editors/client.mjs target/debug/omt-lsp
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const protocol = createRequire(join(root, "editors/vscode/package.json"))("vscode-languageserver-protocol/node");
const STEP_MS = 60_000;

const folder = join(root, "protocols/transactions/00_escrow_lock");
const uri = (name) => pathToFileURL(join(folder, name)).href;
const main = uri("transaction.omt");
const disk = readFileSync(join(folder, "transaction.omt"), "utf8");

const server = spawn(process.argv[2], [], { stdio: ["pipe", "pipe", "inherit"] });
const connection = protocol.createProtocolConnection(
  new protocol.StreamMessageReader(server.stdout),
  new protocol.StreamMessageWriter(server.stdin),
);

/** The newest findings of each file, and who waits for others. */
const findings = new Map();
const waiting = new Set();
connection.onNotification(protocol.PublishDiagnosticsNotification.type, (params) => {
  findings.set(params.uri, params.diagnostics);
  waiting.forEach((look) => look());
});
connection.onRequest("client/registerCapability", () => null);
connection.onRequest("workspace/configuration", ({ items }) => items.map(() => null));
connection.onRequest("workspace/codeLens/refresh", () => null);
connection.onRequest("workspace/inlayHint/refresh", () => null);
connection.onRequest("workspace/semanticTokens/refresh", () => null);
connection.onRequest("workspace/diagnostic/refresh", () => null);
connection.listen();

function limited(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), STEP_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function until(what, condition) {
  return limited(what, new Promise((resolve) => {
    const look = () => {
      const found = condition();
      if (found) {
        waiting.delete(look);
        resolve(found);
      }
    };
    waiting.add(look);
    look();
  }));
}

const errors = () => (findings.get(main) ?? []).filter((finding) => finding.severity === 1);

/** What the answer is once the text stands still. */
async function ask(type, params) {
  for (;;) {
    try {
      return await limited(type.method, connection.sendRequest(type, params));
    } catch (error) {
      if (error.code !== protocol.LSPErrorCodes.ContentModified) throw error;
    }
  }
}

let text = disk;
let version = 1;

function position(offset) {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1).length };
}

/** Replaces the first place of a text, as an editor does. */
function replace(from, to) {
  const at = text.indexOf(from);
  if (at < 0) throw new Error(`not in the text: ${from}`);
  const range = { start: position(at), end: position(at + from.length) };
  text = text.slice(0, at) + to + text.slice(at + from.length);
  version += 1;
  return connection.sendNotification(protocol.DidChangeTextDocumentNotification.type, {
    textDocument: { uri: main, version },
    contentChanges: [{ range, text: to }],
  });
}

function applied(before, edits) {
  const offset = ({ line, character }) =>
    before.split("\n").slice(0, line).reduce((sum, row) => sum + row.length + 1, 0) + character;
  const last = (a, b) => offset(b.range.start) - offset(a.range.start);
  return [...edits].sort(last).reduce(
    (now, { range, newText }) => now.slice(0, offset(range.start)) + newText + now.slice(offset(range.end)),
    before,
  );
}

function same(found, wanted, what) {
  if (found !== wanted) throw new Error(`${what}: ${JSON.stringify(found)?.slice(0, 200)} instead of ${JSON.stringify(wanted)?.slice(0, 200)}`);
}

const textDocument = { uri: main };
const call = () => position(text.indexOf("reject_reason = TERMS_PROBLEM") + "reject_reason = ".length);

const steps = {
  async "the server says what it can"() {
    const answer = await ask(protocol.InitializeRequest.type, {
      processId: process.pid,
      clientInfo: { name: "vscode-languageserver-protocol" },
      rootUri: pathToFileURL(root).href,
      workspaceFolders: [{ uri: pathToFileURL(root).href, name: "omerta" }],
      capabilities: {
        general: { positionEncodings: ["utf-16"] },
        textDocument: { publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true } },
        workspace: { workspaceEdit: { documentChanges: true } },
      },
    });
    same(answer.capabilities.positionEncoding, "utf-16", "positions");
    await connection.sendNotification(protocol.InitializedNotification.type, {});
    await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
      textDocument: { uri: main, languageId: "omt", version, text },
    });
  },
  async "a mistake is a finding, and none when it is gone"() {
    await replace("provider = terms.provider", "provider = terms.providr");
    const [found] = await until("the finding", () => errors().length > 0 && errors());
    if (!found.message.includes("providr")) throw new Error(found.message);
    same(text.split("\n")[found.range.start.line].trim(), "provider = terms.providr", "its line");
    await replace("provider = terms.providr", "provider = terms.provider");
    await until("no finding", () => errors().length === 0);
  },
  async "hover says what a name is"() {
    const hover = await ask(protocol.HoverRequest.type, { textDocument, position: call() });
    if (!hover?.contents.value.includes("TERMS_PROBLEM")) throw new Error(JSON.stringify(hover));
  },
  async "a definition is found in an imported file"() {
    const found = await ask(protocol.DefinitionRequest.type, { textDocument, position: call() });
    const [place] = [found].flat();
    same(place.uri ?? place.targetUri, uri("rules.omt"), "file");
    const { line } = (place.range ?? place.targetSelectionRange).start;
    const there = readFileSync(join(folder, "rules.omt"), "utf8").split("\n")[line];
    if (!there.startsWith("function TERMS_PROBLEM")) throw new Error(there);
  },
  async "a rename changes every file that uses the name, and nothing else"() {
    const edit = await ask(protocol.RenameRequest.type, { textDocument, position: call(), newName: "WHAT_IS_WRONG" });
    const changes = edit.documentChanges
      ? edit.documentChanges.map((change) => [change.textDocument.uri, change.edits])
      : Object.entries(edit.changes);
    if (changes.length < 2) throw new Error(JSON.stringify(changes.map(([file]) => file)));
    for (const [file, edits] of changes) {
      const before = readFileSync(fileURLToPath(file), "utf8");
      const after = applied(before, edits);
      same(after.replaceAll("WHAT_IS_WRONG", "TERMS_PROBLEM"), before, file);
      same(/\bTERMS_PROBLEM\b/.test(after.replace(/#.*/g, "")), false, "the old name is left");
    }
  },
  async "formatting restores what omtc fmt writes"() {
    await replace("provider = terms.provider", "provider   =terms . provider");
    const edits = await ask(protocol.DocumentFormattingRequest.type, {
      textDocument,
      options: { tabSize: 4, insertSpaces: true },
    });
    same(applied(text, edits), disk, "the text");
  },
  async "it ends as the protocol wants"() {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    await ask(protocol.ShutdownRequest.type, undefined);
    await connection.sendNotification(protocol.ExitNotification.type);
    same(await limited("the end", ended), 0, "exit status");
  },
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  const begun = performance.now();
  let outcome = "ok";
  try {
    await step();
  } catch (error) {
    failed += 1;
    outcome = `FAILED\n${error.stack}`;
  }
  console.log(`client: ${name}: ${outcome} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}
server.kill("SIGKILL");
console.log(`client: ${Object.keys(steps).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
