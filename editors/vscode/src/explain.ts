/** The pages of findings, which the codes of findings lead to. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { ExplainResult } from "./protocol";

export class ExplainPages implements vscode.TextDocumentContentProvider {
  static readonly scheme = "omt-explain";

  constructor(private readonly client: () => LanguageClient) {}

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const code = uri.path.replace(/^\//, "").replace(/\.md$/, "");
    const page = await this.client().sendRequest<ExplainResult>("omt/explain", { code });
    return `# ${page.code} ${page.title}\n\n${page.markdown}`;
  }
}

/** Asks for a code, and shows its page. */
export async function explainCode(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const here = editor && vscode.languages.getDiagnostics(editor.document.uri);
  const under = here?.find((finding) => editor && finding.range.contains(editor.selection.active));
  const code = typeof under?.code === "object" ? String(under.code.value) : String(under?.code ?? "");
  const wanted = await vscode.window.showInputBox({ prompt: "Code of a finding", value: code, placeHolder: "E0101" });
  if (wanted) {
    const uri = vscode.Uri.parse(`${ExplainPages.scheme}:/${wanted.trim().toUpperCase()}.md`);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }
}
