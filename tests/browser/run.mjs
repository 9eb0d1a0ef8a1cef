// The site of `omtc doc` in a real browser: every page at three widths, light and dark; search by keyboard; reload while
// a source is edited. Usage: node run.mjs SITE OMTC PROTOCOL_FOLDER [--screenshots FOLDER]
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { labelsThatOverlap, wider } from "./measure.mjs";

const [siteArgument, omtcArgument, protocolArgument, ...rest] = process.argv.slice(2);
const site = resolve(siteArgument);
const omtc = resolve(omtcArgument);
const protocol = resolve(protocolArgument);
const screenshots = rest[0] === "--screenshots" ? resolve(rest[1]) : null;

const WIDTHS = [360, 800, 1440];
const SCHEMES = ["light", "dark"];
// Two tabs keep two cores busy.
const TABS = 2;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const scratch = mkdtempSync(join(tmpdir(), "omtc-browser-"));
const failures = [];
let passed = 0;

function expect(holds, message) {
  if (holds) passed += 1;
  else {
    failures.push(message);
    console.log(`failed: ${message}`);
  }
}

function pages(folder, below = "") {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return pages(folder, path);
      return entry.name.endsWith(".html") ? [path] : [];
    });
}

const address = (path) => pathToFileURL(join(site, path)).href;

// Pages that are made alike: one of each kind is looked at in every way, the others in turn.
function kind(path) {
  if (path.startsWith("protocols/")) return path.replace(/.*\/(actors|scenarios)\/(index)?.*/, "$1$2").replace(/^protocols.*/, "protocol");
  if (path.startsWith("book/diagnostics/")) return path.endsWith("index.html") ? path : "diagnostic";
  if (path.startsWith("source/")) return "source";
  return path;
}

async function axe(page, where) {
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations
      .filter((v) => v.impact === "serious" || v.impact === "critical")
      .map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => `${n.target.join(" ")} ${n.any.map((a) => a.message).join("; ")}`).join(" | ")}`);
  });
  expect(found.length === 0, `${where}: ${found.join(" || ")}`);
}

async function look(context, list, offset) {
  const page = await context.newPage();
  let path = "";
  page.on("pageerror", (error) => expect(false, `${path}: ${error}`));
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) expect(false, `${path} asks for ${request.url()}`);
  });
  const seen = new Set();
  for (let i = offset; i < list.length; i += TABS) {
    path = list[i];
    const first = !seen.has(kind(path));
    seen.add(kind(path));
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(address(path), { waitUntil: "load" });
    await page.evaluate(axeSource);
    const overlaps = await page.evaluate(labelsThatOverlap);
    expect(overlaps.length === 0, `${path}: labels overlap: ${overlaps.slice(0, 3).join(", ")}`);
    let turn = 0;
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      for (const scheme of SCHEMES) {
        await page.emulateMedia({ colorScheme: scheme });
        // Colours move nothing, so the width is measured once.
        if (scheme === "light") {
          const wide = await page.evaluate(wider);
          expect(wide.length === 0, `${path} at ${width}: wider than the window: ${wide.slice(0, 3).join(", ")}`);
        }
        if (first || turn === i % (WIDTHS.length * SCHEMES.length)) await axe(page, `${path} at ${width}, ${scheme}`);
        turn += 1;
      }
    }
  }
  await page.close();
}

async function search(context) {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.goto(address("index.html"));
  await page.keyboard.press("/");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.type("question");
  await page.waitForSelector("#found li");
  await page.fill("#query", "");
  await page.keyboard.type("PING_REFUSED");
  await page.waitForFunction(() => document.querySelector("#found li")?.textContent.startsWith("PING_REFUSED"));
  await page.evaluate(axeSource);
  await axe(page, "the search dialog");
  await page.keyboard.press("ArrowDown");
  const second = await page.getAttribute("#found li:nth-child(2)", "aria-selected");
  expect(second !== "false", "the arrow selects the next result");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(/message-PING_REFUSED/);
  expect(await page.isVisible("#message-PING_REFUSED"), "Enter leads to what was found");
  await page.keyboard.press("/");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.type("zzzz nothing is called that");
  await page.waitForFunction(() => document.querySelector("#count").textContent === "Nothing found.");
  await page.keyboard.press("Escape");
  expect(!(await page.isVisible("dialog")), "Escape closes the search");
  await page.keyboard.press("Tab");
  await page.close();
}

async function colours(context) {
  const page = await context.newPage();
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(address("index.html"));
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await back();
  await page.click("#colours");
  const dark = await back();
  expect(light !== dark, "the button changes the colours");
  await page.reload();
  expect((await back()) === dark, "the colours that were chosen stay");
  await page.click("#colours");
  expect((await back()) === light, "and change back");
  await page.evaluate(() => localStorage.clear());
  await page.setViewportSize({ width: 360, height: 700 });
  expect(!(await page.isVisible("#pages")), "a narrow screen hides the list of pages");
  await page.click("#menu");
  expect(await page.isVisible("#pages"), "the menu shows it");
  await page.close();
}

// Keys alone: the first stop is the way past the navigation.
async function keys(context) {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(address("index.html"));
  await page.keyboard.press("Tab");
  expect((await page.evaluate(() => document.activeElement.className)) === "skip", "the first stop skips the navigation");
  await page.keyboard.press("Enter");
  expect((await page.evaluate(() => document.activeElement.id)) === "content", "it leads to the text");
  await page.close();
}

async function reload(context) {
  const folder = join(scratch, "protocols");
  mkdirSync(folder, { recursive: true });
  cpSync(protocol, join(folder, "edited"), { recursive: true });
  const process_ = spawn(omtc, ["doc", folder, "--serve", "127.0.0.1:0", "--out", join(scratch, "served")], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const lines = createInterface({ input: process_.stdout });
    const base = await new Promise((found, failed) => {
      lines.on("line", (line) => {
        const at = /serving (http:\/\/\S+)/.exec(line);
        if (at) found(at[1]);
      });
      process_.on("exit", () => failed(new Error("omtc doc --serve ended")));
    });
    const page = await context.newPage();
    await page.goto(base);
    const card = page.locator(".cards h2");
    await card.first().waitFor();
    const source = join(folder, "edited", "transaction.omt");
    const text = readFileSync(source, "utf8");
    writeFileSync(source, text.replace(/^(transaction \S+ )"[^"]*"/m, '$1"Edited while it is looked at"'));
    await page.waitForFunction(() => document.querySelector(".cards h2")?.textContent === "Edited while it is looked at", null, { timeout: 60000 });
    expect(true, "an edit is shown without a key pressed");
    writeFileSync(source, `${text}\nactor (`);
    await page.waitForFunction(() => document.querySelector(".badge.bad") !== null, null, { timeout: 60000 });
    expect(true, "a mistake is shown, and the server goes on");
    await page.close();
  } finally {
    process_.kill();
  }
}

// Pictures for the book: small, and always of the same size.
async function pictures(context) {
  mkdirSync(screenshots, { recursive: true });
  const page = await context.newPage();
  const list = [
    ["overview", "protocols/transactions/00_escrow_lock/index.html", "light", 1440, 900, null],
    ["actor-dark", "protocols/transactions/00_escrow_lock/actors/Consumer.html", "dark", 1440, 900, "#diagram"],
    ["scenario", "protocols/examples/ping_pong/scenarios/answered_once.html", "light", 1200, 800, null],
    ["matrix", "protocols/transactions/00_escrow_lock/actors/Witness.html", "light", 1200, 700, "#matrix"],
    ["narrow", "protocols/examples/ping_pong/index.html", "dark", 360, 720, null],
  ];
  for (const [name, path, colorScheme, width, height, anchor] of list) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.goto(address(path) + (anchor ?? ""));
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
  await page.close();
}

const executablePath = BROWSERS.find((path) => existsSync(path));
if (!executablePath) {
  console.log("no Chromium here");
  process.exit(2);
}
const context = await chromium.launchPersistentContext(join(scratch, "profile"), {
  executablePath,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  if (screenshots) {
    await pictures(context);
  } else {
    const list = pages(site);
    expect(list.length > 10, "there are pages");
    await Promise.all(Array.from({ length: TABS }, (_, tab) => look(context, list, tab)));
    await search(context);
    await colours(context);
    await keys(context);
    await reload(context);
    console.log(`${list.length} pages at ${WIDTHS.join(", ")} pixels, light and dark`);
  }
} finally {
  await context.close();
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`browser: ${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
