/** The .omt language in VS Code: a thin layer over `omt-lsp`, which knows everything. */
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { startClient } from "./client";
import { DiagramPanel } from "./diagram";
import { ExplainPages, explainCode } from "./explain";
import { explore } from "./explore";
import { registerLenses } from "./lenses";
import { showMatrix } from "./matrix";
import { ScenarioTests } from "./scenarios";
import { OmtcTasks } from "./tasks";
import { verify } from "./verify";

let client: LanguageClient | undefined;

/** The server, or an error that says what to do. */
function running(): LanguageClient {
  if (client === undefined) {
    throw new Error("the language server does not run; see the setting omt.server.path");
  }
  return client;
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  client = await startClient(context);
}

async function stop(): Promise<void> {
  const ending = client;
  client = undefined;
  await ending?.dispose();
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const diagrams = new DiagramPanel(running);
  const tests = new ScenarioTests(running);
  context.subscriptions.push(
    diagrams,
    tests,
    vscode.tasks.registerTaskProvider(OmtcTasks.type, new OmtcTasks()),
    vscode.workspace.registerTextDocumentContentProvider(ExplainPages.scheme, new ExplainPages(running)),
    ...registerLenses(running, tests, diagrams),
    command("omt.explainCode", () => explainCode()),
    command("omt.matrixHere", () => withEditor((editor) => showMatrix(running(), editor))),
    command("omt.diagramHere", () => withEditor((editor) => diagrams.follow(editor))),
    command("omt.verifyHere", () =>
      withEditor((editor) => verify(running(), { uri: editor.document.uri.toString() })),
    ),
    command("omt.exploreHere", () =>
      withEditor((editor) => explore(running(), editor.document.uri.toString())),
    ),
    command("omt.restartServer", async () => {
      await stop();
      await start(context);
      await tests.refresh();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("omt.server")) {
        await vscode.commands.executeCommand("omt.restartServer");
      }
    }),
    { dispose: () => void stop() },
  );
  try {
    await start(context);
  } catch (error) {
    void vscode.window.showErrorMessage(`omt-lsp cannot be started: ${said(error)}`);
    return;
  }
  await tests.refresh();
}

export async function deactivate(): Promise<void> {
  await stop();
}

/** A command whose failure a person gets to read. */
function command(name: string, act: () => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(name, async () => {
    try {
      return await act();
    } catch (error) {
      void vscode.window.showErrorMessage(said(error));
    }
    return undefined;
  });
}

function withEditor(act: (editor: vscode.TextEditor) => unknown): unknown {
  const editor = vscode.window.activeTextEditor;
  return editor?.document.languageId === "omt" ? act(editor) : undefined;
}

export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
