/** Which state handles which message, as a page of text. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { MatrixResult } from "./protocol";

const SIGNS: Record<string, string> = { handled: "✓", deferred: "later", discarded: "–" };

export function matrixText(found: MatrixResult): string {
  const actors = found.actors.map((actor) => {
    const rows = [
      ["", ...actor.messages],
      ["---", ...actor.messages.map(() => "---")],
      ...actor.states.map((state) => [state.state, ...state.is.map((is) => SIGNS[is] ?? is)]),
    ];
    return `## ${actor.actor}\n\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`;
  });
  return [`# ${found.transaction}`, "", "✓ handled, later: deferred, – discarded", "", ...actors].join("\n");
}

export async function showMatrix(client: LanguageClient, editor: vscode.TextEditor): Promise<void> {
  const uri = editor.document.uri.toString();
  const found = await client.sendRequest<MatrixResult | null>("omt/matrix", { uri });
  if (found === null) {
    throw new Error("this file is part of no transaction");
  }
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content: matrixText(found) });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}
