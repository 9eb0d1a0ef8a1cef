/** The connection to the server. */
import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, Trace, TransportKind } from "vscode-languageclient/node";

/** The settings of the server; the others of this package are none of its business. */
const SERVER = ["protocolDir", "lenient", "diagnostics", "inlayHints", "codeLens", "verify"];

function settings(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration("omt");
  return Object.fromEntries(SERVER.map((name) => [name, all.get(name)]));
}

/** A path with `~` and `${workspaceFolder}` filled in. */
export function program(setting: string, otherwise: string): string {
  const written = vscode.workspace.getConfiguration("omt").get<string>(setting) ?? otherwise;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const home = process.env["HOME"] ?? process.env["USERPROFILE"] ?? "~";
  return written.replace("${workspaceFolder}", folder).replace(/^~(?=[\\/])/, home);
}

export async function startClient(context: vscode.ExtensionContext): Promise<LanguageClient> {
  const server: ServerOptions = { command: program("server.path", "omt-lsp"), transport: TransportKind.stdio };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "omt", scheme: "file" }],
    initializationOptions: settings(),
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.omt,omt.toml}") },
    outputChannelName: "omt",
  };
  const client = new LanguageClient("omt", "omt", server, options);
  const trace = vscode.workspace.getConfiguration("omt").get<string>("trace.server") ?? "off";
  await client.setTrace(Trace.fromString(trace));
  await client.start();
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("omt") && client.isRunning()) {
        void client.sendNotification("workspace/didChangeConfiguration", { settings: { omt: settings() } });
      }
    }),
  );
  return client;
}
