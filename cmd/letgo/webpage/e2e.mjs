// Opens the page of letgo -html in Chromium: filters, keys, the check list and copying,
// in light and dark and on a phone, and with names in the source that would be markup.
// PICTURE names a file for a picture of the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const { chromium } = createRequire(join(process.env.TOOLS, "node_modules/"))("playwright-core");
const scratch = mkdtempSync(join(tmpdir(), "letgo-page-"));

// page runs letgo -html in a directory and returns the name of the page.
function page(dir, name, ...flags) {
  const file = join(scratch, name);
  try {
    execFileSync(process.env.LETGO, ["-html=" + file, ...flags, "./..."], { cwd: dir, stdio: "pipe" });
  } catch (e) {
    assert.equal(e.status, 1, String(e.stderr));
  }
  return file;
}

// hostile makes a module whose names and comments are markup.
function hostile() {
  const dir = join(scratch, "hostile");
  mkdirSync(dir);
  writeFileSync(join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n");
  const evil = `</script><script>window.evil=1</script><img src=x onerror="window.evil=1">`;
  const source = `package m

import "sync"

type T struct {
	mu sync.Mutex
	n  map[string]int
}

// ${evil}
func (t *T) Wait(ch chan string) {
	t.mu.Lock() // ${evil}
	defer t.mu.Unlock()
	v := <-ch
	t.n[\`${evil}\` + v]++
}

func (t *T) Get() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.n)
}

func (t *T) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n = nil
}
`;
  writeFileSync(join(dir, "a'\"<img src=x onerror=window.evil=1>.go"), source);
  mkdirSync(join(dir, "other"));
  writeFileSync(join(dir, "other", "m.go"), source);
  return dir;
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const service = resolve("testdata/service");
  const file = page(service, "service.html", "-all");

  // open opens a page and fails on any error, among them what the policy forbids.
  async function open(file, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 1000 }, ...options });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const tab = await context.newPage();
    tab.problems = [];
    tab.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") tab.problems.push(m.text()); });
    tab.on("pageerror", (e) => tab.problems.push(e.message));
    tab.on("request", (r) => { if (!r.url().startsWith("file:")) tab.problems.push("request of " + r.url()); });
    await tab.goto("file://" + file);
    return tab;
  }
  const shown = (tab) => tab.locator("details.f:visible").count();

  // Filters.
  let tab = await open(file);
  const all = await shown(tab);
  assert.ok(all >= 3, `${all} findings`);
  await tab.selectOption("#verdict", "unsure");
  const unsure = await shown(tab);
  assert.ok(unsure >= 1 && unsure < all, `${unsure} unsure findings`);
  assert.match(await tab.textContent("#count"), new RegExp(`^${unsure} of ${all} findings$`));
  await tab.keyboard.press("Escape");
  assert.equal(await shown(tab), all);
  await tab.selectOption("#shape", "split");
  assert.equal(await shown(tab), 1);
  assert.equal(await tab.locator("main h2:visible").count(), 1);
  await tab.keyboard.press("Escape");
  await tab.selectOption("#shape", "-");
  assert.equal(await tab.locator("details.f:visible table").count(), 0);
  await tab.keyboard.press("Escape");
  await tab.keyboard.press("/");
  await tab.keyboard.type("validator.validate j");
  assert.equal(await shown(tab), 1);
  await tab.keyboard.press("Escape");

  // Keys, a change side by side, and copying.
  await tab.keyboard.press("j");
  await tab.keyboard.press("j");
  await tab.keyboard.press("k");
  await tab.keyboard.press("o");
  const first = tab.locator("details.f").first();
  assert.equal(await first.getAttribute("open"), "");
  const sides = await first.locator(".diff tr:not(.gap)").evaluateAll((rows) => rows.map((r) => [...r.cells].filter((c) => c.tagName === "TD").map((c) => c.textContent)));
  assert.ok(sides.every((s) => s.length === 2), "a row has two sides");
  assert.ok(sides.some(([a, b]) => a === b && a !== "") && sides.some(([a, b]) => a === "" && b !== ""));
  assert.equal(await first.locator(".src .lock").count(), 1);
  assert.ok((await first.locator(".src .held").count()) > 2);
  await tab.keyboard.press("c");
  await tab.waitForFunction(() => document.querySelector(".copy").textContent === "Copied");
  assert.match(await tab.evaluate(() => navigator.clipboard.readText()), /^letgo -all -w -grade=review -shape=split -at=server\.go:83 \.\/\.$/);

  // The check list is kept.
  for (const box of await first.locator("fieldset input").all()) await box.check();
  assert.equal(await first.locator("fieldset.done").count(), 1);
  await tab.reload();
  assert.equal(await tab.locator("fieldset.done").count(), 1);
  assert.deepEqual(tab.problems, []);

  // Light and dark are readable, and nothing is wider than a phone.
  const luminance = (c) => {
    const [r, g, b] = c.match(/\d+/g).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const colorScheme of ["light", "dark"]) {
    tab = await open(file, { colorScheme, viewport: { width: 390, height: 800 } });
    await tab.evaluate(() => { for (const f of document.querySelectorAll(".f")) f.open = true; });
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than a phone");
    const ground = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
    for (const what of ["body", ".by", ".where", ".tag.review", ".l.waits b", "legend", ".signs .purpose span"]) {
      const [a, b] = [luminance(await tab.locator(what).first().evaluate((e) => getComputedStyle(e).color)), luminance(ground)].sort((x, y) => y - x);
      assert.ok((a + 0.05) / (b + 0.05) >= 4.5, `${what} on ${ground} in ${colorScheme}`);
    }
    assert.deepEqual(tab.problems, []);
  }

  // What stands in the source is text.
  tab = await open(page(hostile(), "hostile.html"));
  assert.equal(await shown(tab), 2);
  await tab.selectOption("#package", "example.com/m/other");
  assert.equal(await shown(tab), 1);
  await tab.keyboard.press("Escape");
  await tab.locator("summary").first().click();
  assert.equal(await tab.evaluate(() => window.evil), undefined);
  assert.equal(await tab.locator("img").count(), 0);
  assert.match(await tab.locator(".src").first().textContent(), /<\/script><script>window\.evil=1/);
  assert.deepEqual(tab.problems, []);

  if (process.env.PICTURE) {
    tab = await open(file, { viewport: { width: 1000, height: 1240 } });
    await tab.locator("summary").first().click();
    await tab.mouse.click(5, 5);
    await tab.screenshot({ path: process.env.PICTURE });
  }
  console.log("the page works");
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true });
}
