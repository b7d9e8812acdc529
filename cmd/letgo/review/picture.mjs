// Makes a picture of letgo -i on the worked example: what a terminal shows, drawn by
// Chromium. TERMINAL names the file.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(join(process.env.TOOLS, "node_modules/"))("playwright-core");
const columns = 98;

// review answers letgo -i on a terminal, and returns what that has got.
function review(dir, answers) {
  return new Promise((resolve, reject) => {
    const command = `stty cols ${columns} rows 60; exec "$LETGO" -i -history=off ./...`;
    const run = spawn("script", ["-qec", command, "/dev/null"], { cwd: dir, env: { ...process.env, TERM: "xterm", NO_COLOR: "" } });
    let text = "", seen = 0;
    run.stdout.setEncoding("utf8");
    run.stdout.on("data", (part) => {
      text += part;
      if (/,\?\]\?(\x1b\[0m)? $/.test(text.slice(seen)) && answers.length > 0) {
        seen = text.length;
        run.stdin.write(answers.shift() + "\n");
      }
    });
    run.on("error", reject);
    run.on("close", () => resolve(text));
  });
}

// markup turns what a terminal gets into HTML: a line is what comes after its last
// carriage return.
function markup(text) {
  const names = { 1: "bold", 2: "dim", 31: "red", 32: "green", 33: "amber", 36: "cyan" };
  const lines = text.replaceAll("\r\n", "\n").split("\n").map((l) => l.slice(l.lastIndexOf("\r") + 1));
  const escaped = lines.join("\n").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return escaped.replace(/\x1b\[(\d+)m/g, (_, n) => (n === "0" ? "</span>" : `<span class="${names[n] ?? ""}">`));
}

const scratch = mkdtempSync(join(tmpdir(), "letgo-review-"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  cpSync("testdata/service", scratch, { recursive: true });
  const text = await review(scratch, ["?", "y", "q"]);
  const first = text.slice(0, text.search(/(?<=\?\]\?(\x1b\[0m)? y)\r\n/)); // the other findings look alike
  const tab = await browser.newPage({ viewport: { width: 880, height: 400 } });
  await tab.setContent(`<style>
    body { margin: 0; background: #14171b; }
    pre { margin: 0; padding: 16px 20px; display: inline-block; color: #e3e7ec; font: 14px/1.4 "DejaVu Sans Mono", monospace; tab-size: 8; }
    .bold { font-weight: bold; } .dim { color: #98a2ad; } .red { color: #ff8a80; } .green { color: #7fd498; } .amber { color: #e6b35c; } .cyan { color: #7fd3e0; }
  </style><pre>${markup(first).trim()}</pre>`);
  await tab.locator("pre").screenshot({ path: process.env.TERMINAL });
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true });
}
