// The definitions for Prism and highlight.js in a real browser, on real sources.
// Usage: node highlight.mjs REPOSITORY [--screenshots FOLDER]
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [repositoryArgument, ...rest] = process.argv.slice(2);
const repository = resolve(repositoryArgument);
const screenshots = rest[0] === "--screenshots" ? resolve(rest[1]) : null;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const require = createRequire(import.meta.url);
const assets = dirname(require.resolve("@highlightjs/cdn-assets/package.json"));
const prism = dirname(require.resolve("prismjs/package.json"));

// Each line of it says what its words are, for both; a word in front of a colon is a class.
const SAMPLE = `## Why it is there
imports shared/common
parameters (
    WAIT = 5 minutes "How long"
    SIZE = 16 count
)
enum Colour ( RED GREEN )  # warm
message PING from Client to [Server] ( at timestamp )
function F(known map<peer_id, Colour>, at uint) -> hash (
    RETURN if known == null Then HASH(at, 0.5) else message.block
)
native function g() -> bytes "host.g"
actor Server (
    store ( asked list<peer_id>  state bool )
    any -> BUSY on PING when message.at > NOW() - 5 seconds AND f(x) (
        SEND(message.sender, PONG { to asked, ...rest })
        state = true
    )
)
`;

/** Word, how often it is before the one that is meant, and its class with Prism and with highlight.js. */
const EXPECTED = [
  ["## Why it is there", 0, "doc-comment", "comment"],
  ["imports", 0, "keyword", "keyword"],
  ["shared/common", 0, "path", "string"],
  ["parameters", 0, "keyword", "keyword"],
  ["WAIT", 0, "constant", "variable"],
  ["5", 0, "number", "number"],
  ["minutes", 0, "unit", "built_in"],
  ['"How long"', 0, "string", "string"],
  ["16", 0, "number", "number"],
  ["# warm", 0, "comment", "comment"],
  ["Colour", 0, "class-name", "title"],
  ["message", 0, "keyword", "keyword"],
  ["PING", 0, "class-name", "title"],
  ["Client", 0, "class-name", "title"],
  ["timestamp", 0, "type", "type"],
  ["function", 0, "keyword", "keyword"],
  ["F", 0, "function", "title"],
  ["map", 0, "type", "type"],
  ["peer_id", 0, "type", "type"],
  ["uint", 0, "type", "type"],
  ["->", 0, "operator", "operator"],
  ["hash", 0, "type", "type"],
  ["bytes", 0, "type", "type"],
  ["RETURN", 0, "keyword", "keyword"],
  ["null", 0, "boolean", "literal"],
  ["Then", 0, "keyword", "keyword"],
  ["HASH", 0, "builtin", "built_in"],
  ["0.5", 0, "number", "number"],
  ["block", 0, "property", "property"],
  ["store", 0, "keyword", "keyword"],
  ["bool", 0, "type", "type"],
  ["any", 0, "keyword", "keyword"],
  ["when", 0, "keyword", "keyword"],
  ["NOW", 0, "builtin", "built_in"],
  ["seconds", 0, "unit", "built_in"],
  ["AND", 0, "keyword", "keyword"],
  ["f", 0, "function", "title"],
  ["SEND", 0, "keyword", "keyword"],
  ["PONG", 0, "class-name", "title"],
  ["true", 0, "boolean", "literal"],
  // Assigned, or in front of a dot: a name.
  ["state", 1, null, null],
  ["message", 1, "variable", "variable"],
];

const failures = [];
let passed = 0;
function expect(holds, message) {
  if (holds) passed += 1;
  else {
    failures.push(message);
    console.log(`failed: ${message}`);
  }
}

function protocols(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return protocols(path);
    return entry.name.endsWith(".omt") ? [path] : [];
  });
}

/** In the page: a source highlighted. */
function highlighted(source, library) {
  const block = document.createElement("pre");
  const code = block.appendChild(document.createElement("code"));
  code.className = "language-omt";
  code.textContent = source;
  if (library === "prism") window.Prism.highlightElement(code);
  else window.hljs.highlightElement(code);
  return { block, code };
}

/** In the page: shows a source, and gives its words with their classes and colours. */
function show({ source, library }) {
  const { block, code } = window.highlighted(source, library);
  document.body.replaceChildren(block);
  const words = [];
  const walk = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const classes = [];
    for (let at = walk.currentNode.parentElement; at !== code; at = at.parentElement) classes.push(...at.classList);
    words.push({ text: walk.currentNode.data, classes, colour: getComputedStyle(walk.currentNode.parentElement).color });
  }
  return { words, plain: getComputedStyle(code).color };
}

/** In the page: of each source, whether its text is what it was, and how much of it is highlighted. */
function measure({ sources, library }) {
  return sources.map((source) => {
    const { code } = window.highlighted(source, library);
    const plain = [...code.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const letters = (text) => text.replace(/\s/g, "").length;
    const left = plain.reduce((sum, node) => sum + letters(node.data), 0);
    return { same: code.textContent === source, share: 1 - left / letters(source) };
  });
}

function check(library, shown, column) {
  const prefix = library === "prism" ? "" : "hljs-";
  for (const [word, skipped, ...classes] of EXPECTED) {
    const wanted = classes[column];
    const parts = (text) => text.split(/([\s()[\]{}<>,.?]+)/);
    const found = shown.words.flatMap((w) => (w.text === word ? [w] : w.classes.length ? [] : parts(w.text).filter((p) => p === word).map(() => w)));
    const one = found[skipped];
    const is = one === undefined ? "missing" : one.classes.join(" ") || "plain";
    expect(one && (wanted === null ? one.classes.length === 0 : one.classes.includes(prefix + wanted)), `${library}: \`${word}\` is ${is}, not ${wanted}`);
  }
  const keyword = shown.words.find((w) => w.classes.includes(`${prefix}keyword`));
  expect(keyword && keyword.colour !== shown.plain, `${library}: a keyword has the colour of plain text`);
}

async function one(browser, library, column, styles, scripts) {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  page.on("pageerror", (error) => expect(false, `${library}: ${error.message}`));
  await page.setContent("<!doctype html><meta charset=utf-8><title>omt</title><body></body>");
  if (library === "prism") await page.evaluate(() => (window.Prism = { manual: true }));
  for (const path of styles) await page.addStyleTag({ path });
  for (const path of scripts) await page.addScriptTag({ path });
  const paths = protocols(join(repository, "protocols"));
  expect(paths.length >= 15, `only ${paths.length} protocols were found`);
  const sources = paths.map((path) => readFileSync(path, "utf8"));
  await page.addScriptTag({ content: highlighted.toString() });
  check(library, await page.evaluate(show, { source: SAMPLE, library }), column);
  (await page.evaluate(measure, { sources, library })).forEach(({ same, share }, i) => {
    expect(same, `${library}: ${paths[i]}: the text has changed`);
    expect(share > 0.3, `${library}: ${paths[i]}: almost nothing is highlighted`);
  });
  if (screenshots) {
    const source = readFileSync(join(repository, "protocols/examples/ping_pong/transaction.omt"), "utf8");
    await page.evaluate(show, { source, library });
    await page.screenshot({ path: join(screenshots, `${library}.png`) });
  }
  await page.close();
}

const executablePath = BROWSERS.find((path) => existsSync(path));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const definition = (path) => join(repository, "editors", path);
  await one(browser, "prism", 0, [join(prism, "themes/prism.css")], [join(prism, "prism.js"), definition("prism/prism-omt.js")]);
  await one(browser, "highlightjs", 1, [join(assets, "styles/github.min.css")], [join(assets, "highlight.min.js"), definition("highlightjs/omt.js")]);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
