import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";

// The server knows these settings; the others are the client's own.
const settings = ["tests", "tags", "profile", "table", "categories", "skip"];

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const item = vscode.window.createStatusBarItem("letgo", vscode.StatusBarAlignment.Right);
  item.name = "letgo";
  item.show();
  const restart = async () => {
    await stop();
    await start(() => show(item));
  };
  context.subscriptions.push(
    item,
    vscode.languages.onDidChangeDiagnostics(() => show(item)),
    vscode.workspace.onDidChangeConfiguration((e) => e.affectsConfiguration("letgo.command") ? restart() : undefined),
    // The server's other commands are there as soon as it runs.
    vscode.commands.registerCommand("letgo.applyAll", () => vscode.commands.executeCommand("letgo.apply", { grade: "review" })));
  await restart();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function start(changed: () => void): Promise<void> {
  const [command, ...args] = vscode.workspace.getConfiguration("letgo").get<string[]>("command", ["letgo", "lsp"]);
  client = new LanguageClient("letgo", { command, args }, {
    documentSelector: [{ scheme: "file", language: "go" }],
    middleware: {
      workspace: {
        async configuration(params, token, next) {
          const answers = await next(params, token);
          return Array.isArray(answers) ? answers.map(forServer) : answers;
        },
      },
    },
  });
  client.onDidChangeState(changed);
  try {
    await client.start();
  } catch (err) {
    vscode.window.showErrorMessage(
      `letgo: "${[command, ...args].join(" ")}" could not be started (${err}). ` +
      `Install it with "go install ./cmd/letgo" from a checkout of letgo, or say where it is in the setting letgo.command.`);
  }
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  await old?.dispose().catch(() => {}); // one that was never started cannot be stopped
}

// forServer returns the settings that the server knows, as far as they are set.
function forServer(section: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(settings.flatMap((key) => {
    const value = section?.[key];
    return value === null || value === undefined ? [] : [[key, value]];
  }));
}

// show shows whether letgo runs and how many findings it has. Choosing the item
// previews their rewrites.
function show(item: vscode.StatusBarItem): void {
  const running = client?.state === State.Running;
  const findings = vscode.languages.getDiagnostics().flatMap(([, list]) => list.filter((d) => d.source === "letgo")).length;
  item.text = client?.state === State.Starting ? "$(sync~spin) letgo" : running ? `$(unlock) letgo ${findings}` : "$(error) letgo";
  item.tooltip = running ? `${findings} ${findings === 1 ? "lock" : "locks"} held while waiting in the open files. Click to preview all rewrites in the workspace` : "letgo is not running";
  item.command = running ? "letgo.diff" : undefined;
}
