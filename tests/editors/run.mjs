// Packages for editors, and real clients of the language server. Everything has a limit: what hangs is a failure, never a wait.
//
//     node tests/editors/run.mjs target/debug/omt-lsp
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vscode = join(root, "editors/vscode");
const server = resolve(process.argv[2] ?? "target/debug/omt-lsp");

/** Runs a program to its end, or ends it with everything that it started. */
function run(program, args, { cwd = root, seconds, env = {} }) {
  return new Promise((done) => {
    // A group of its own: a server that an editor started goes with it.
    const options = { cwd, stdio: ["ignore", "inherit", "inherit"], detached: true, env: { ...process.env, ...env } };
    const child = spawn(program, args, options);
    const timer = setTimeout(() => {
      console.log(`${program}: ended after ${seconds} s`);
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended just now.
      }
    }, seconds * 1000);
    const end = (good) => {
      clearTimeout(timer);
      done(good);
    };
    child.once("error", (error) => {
      console.log(`${program}: ${error.message}`);
      end(false);
    });
    child.once("exit", (status) => end(status === 0));
  });
}

/** Installs what the lock file names, unless that is there already. */
async function install() {
  const [lock, mark] = ["package-lock.json", "node_modules/.installed"].map((name) => join(vscode, name));
  if (existsSync(mark) && readFileSync(lock).equals(readFileSync(mark))) return true;
  const options = ["--no-audit", "--no-fund", "--silent", "--fetch-timeout=30000", "--fetch-retries=2"];
  // Of the packages only esbuild has a script, which checks its program: the build notices that too.
  const good = await run("npm", ["ci", "--ignore-scripts", ...options], { cwd: vscode, seconds: 180 });
  if (good) copyFileSync(lock, mark);
  return good;
}

const neovim = spawnSync("nvim", ["--version"]).status === 0;
const node = (file, ...args) => [process.execPath, [file, ...args]];
const vim = ["--headless", "--clean", "--cmd", "set rtp^=editors/vim", "-c", "luafile tests/editors/nvim.lua"];

const steps = [
  ["packages of the extension", install],
  ["the extension has no type errors", () => run(...node("node_modules/typescript/bin/tsc", "--noEmit"), { cwd: vscode, seconds: 120 })],
  ["the extension becomes one file", () => run(...node("esbuild.mjs"), { cwd: vscode, seconds: 60 })],
  ["TextMate grammar", () => run(...node("test/grammar.mjs"), { cwd: vscode, seconds: 120 })],
  ["the client library of VS Code", () => run(...node("tests/editors/client.mjs", server), { seconds: 240 })],
  ["Neovim", () => neovim && run("nvim", vim, { seconds: 240, env: { OMT_LSP: server } })],
];

let failed = 0;
for (const [name, step] of steps) {
  const begun = performance.now();
  const good = await step();
  if (!good) failed += 1;
  console.log(`${name}: ${good ? "passed" : "FAILED"} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}
if (!neovim) console.log("the Debian package `neovim` is not installed here");
process.exit(failed === 0 ? 0 : 1);
