// The site of `omtc doc` in a real browser: its pages, search by keyboard, reload while a source is edited.
// Usage: node run.mjs OMTC PROTOCOL_FOLDER SITE... [--all | --screenshots FOLDER]
//
// Without `--all`, pages that are made alike are sampled, and most of them are looked at in one width only: that is what
// continuous integration has time for. Everything has a deadline: a browser that hangs is a failure, never a wait.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { labelsThatOverlap, wider } from "./measure.mjs";
import { chosen } from "./choose.mjs";

const words = process.argv.slice(2);
const at = words.findIndex((word) => word.startsWith("--"));
const [omtc, protocol, ...sites] = (at < 0 ? words : words.slice(0, at)).map((word) => resolve(word));
const all = words[at] === "--all";
const screenshots = words[at] === "--screenshots" ? resolve(words[at + 1]) : null;

const WIDTHS = [360, 800, 1440];
const SCHEMES = ["light", "dark"];
// Two tabs keep two cores busy.
const TABS = 2;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
// Milliseconds for one thing that a page does, on a machine that does much else; and for everything together.
const STEP_MS = 60_000;
const WHOLE_MS = all ? 3_600_000 : 480_000;
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

const address = (path, site = sites[0]) => pathToFileURL(join(site, path)).href;

// What an evaluation in a page gives; playwright itself would wait for it forever.
function within(promise, what, ms = STEP_MS) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`${what}: no answer within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// One part of the test: a failure in it is told, and the others still run.
async function part(name, run) {
  const begun = Date.now();
  try {
    await run();
  } catch (error) {
    expect(false, `${name}: ${error.message}`);
  }
  console.log(`browser: ${name} took ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

// Pictures have thousands of elements that are made alike; `pictures` says whether they are looked at, too.
async function axe(page, where, pictures = false) {
  if (!(await page.evaluate(() => "axe" in window))) await within(page.evaluate(axeSource), where);
  const look = page.evaluate(async (pictures) => {
    const options = { resultTypes: ["violations"] };
    const result = await window.axe.run(pictures ? document : { exclude: [["main svg"]] }, options);
    return result.violations
      .filter((v) => v.impact === "serious" || v.impact === "critical")
      .map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => `${n.target.join(" ")} ${n.any.map((a) => a.message).join("; ")}`).join(" | ")}`);
  }, pictures);
  const found = await within(look, `${where}: axe`);
  expect(found.length === 0, `${where}: ${found.join(" || ")}`);
}

// A page that somebody might open: nothing is wider than the window, no labels overlap, and nothing is asked for.
async function look(page, chosen_) {
  const { site, path, widths, accessible } = chosen_;
  await page.setViewportSize({ width: widths[0], height: 900 });
  await page.goto(address(path, site), { waitUntil: "load" });
  const overlaps = await within(page.evaluate(labelsThatOverlap), path);
  expect(overlaps.length === 0, `${path}: labels overlap: ${overlaps.slice(0, 3).join(", ")}`);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    // Colours move nothing, so the width is measured once.
    const wide = await within(page.evaluate(wider), path);
    expect(wide.length === 0, `${path} at ${width}: wider than the window: ${wide.slice(0, 3).join(", ")}`);
    for (const scheme of SCHEMES) {
      const turn = accessible.find((turn) => turn.width === width && turn.scheme === scheme);
      if (!turn) continue;
      await page.emulateMedia({ colorScheme: scheme });
      await axe(page, `${path} at ${width}, ${scheme}`, turn.pictures);
    }
  }
}

// Every tab takes the next page that no other has taken.
async function everyPage(context, list) {
  let next = 0;
  const tab = async () => {
    let path = "";
    const open = async () => {
      const page = await context.newPage();
      page.on("pageerror", (error) => expect(false, `${path}: ${error}`));
      page.on("request", (request) => {
        if (!/^(file|data):/.test(request.url())) expect(false, `${path} asks for ${request.url()}`);
      });
      return page;
    };
    let page = await open();
    while (next < list.length) {
      const chosen_ = list[next];
      next += 1;
      path = chosen_.path;
      try {
        await look(page, chosen_);
      } catch (error) {
        // The tab may be what hangs.
        expect(false, `${path}: ${error.message}`);
        page.close().catch(() => {});
        page = await open();
      }
    }
    await page.close();
  };
  await Promise.all(Array.from({ length: TABS }, tab));
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
    const served = new Promise((found, failed) => {
      lines.on("line", (line) => {
        const at = /serving (http:\/\/\S+)/.exec(line);
        if (at) found(at[1]);
      });
      process_.on("exit", () => failed(new Error("omtc doc --serve ended")));
    });
    const base = await within(served, "omtc doc --serve");
    const page = await context.newPage();
    await page.goto(base);
    const card = page.locator(".cards h2");
    await card.first().waitFor();
    const source = join(folder, "edited", "transaction.omt");
    const text = readFileSync(source, "utf8");
    writeFileSync(source, text.replace(/^(transaction \S+ )"[^"]*"/m, '$1"Edited while it is looked at"'));
    await page.waitForFunction(() => document.querySelector(".cards h2")?.textContent === "Edited while it is looked at", null, { timeout: STEP_MS });
    expect(true, "an edit is shown without a key pressed");
    writeFileSync(source, `${text}\nactor (`);
    await page.waitForFunction(() => document.querySelector(".badge.bad") !== null, null, { timeout: STEP_MS });
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
    ["actor", "protocols/transactions/00_escrow_lock/actors/Witness.html", "dark", 1440, 1000, "#diagram"],
    ["diagram", "protocols/transactions/01_cabal_attestation/actors/Provider.html", "light", 1440, 1000, ".details"],
    ["scenario", "protocols/examples/ping_pong/scenarios/answered_once.html", "light", 1200, 800, null],
    ["matrix", "protocols/transactions/00_escrow_lock/actors/Witness.html", "light", 1200, 700, "#matrix"],
    ["narrow", "protocols/examples/ping_pong/index.html", "dark", 360, 720, null],
  ];
  for (const [name, path, colorScheme, width, height, anchor] of list) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.goto(address(path));
    if (anchor) await page.locator(anchor).first().evaluate((element) => element.scrollIntoView());
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

// `process.exit` also ends the browser, whatever state it is in.
function end() {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  console.log(`browser: ${passed} passed, ${failures.length} failed`);
  process.exit(failures.length === 0 ? 0 : 1);
}
setTimeout(() => {
  expect(false, `not done after ${WHOLE_MS / 1000} s`);
  end();
}, WHOLE_MS);

let context = null;
await part("the start", async () => {
  context = await chromium.launchPersistentContext(join(scratch, "profile"), {
    executablePath,
    headless: true,
    timeout: STEP_MS,
    // Containers have little shared memory and no graphics card; nothing is to be asked of the network.
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
  context.setDefaultTimeout(STEP_MS);
});
if (context && screenshots) {
  await part("pictures", () => pictures(context));
} else if (context) {
  const list = chosen(sites, all, WIDTHS, SCHEMES);
  expect(list.length > 10, "there are pages");
  await part(`${list.length} pages`, () => everyPage(context, list));
  await part("search", () => search(context));
  await part("colours", () => colours(context));
  await part("keys", () => keys(context));
  await part("reload", () => reload(context));
}
if (context) await within(context.close(), "the end", 10_000).catch((error) => console.log(error.message));
end();
