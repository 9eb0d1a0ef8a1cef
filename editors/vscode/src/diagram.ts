/** The machine of an actor beside its source: it follows the cursor and what is written. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { DiagramResult } from "./protocol";
import { page, panel } from "./webview";

/** How long the cursor rests before another diagram is asked for. */
const REST_MS = 150;

export class DiagramPanel implements vscode.Disposable {
  private shown: vscode.WebviewPanel | undefined;
  /** An actor that was asked for by name; without it the one under the cursor. */
  private actor: string | undefined;
  private editor: vscode.TextEditor | undefined;
  private timer: NodeJS.Timeout | undefined;
  private latest = "";
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly client: () => LanguageClient) {
    this.listeners = [
      vscode.window.onDidChangeTextEditorSelection((event) => this.moved(event.textEditor)),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (this.editor?.document === event.document) {
          this.moved(this.editor);
        }
      }),
    ];
  }

  /** The diagram of whatever actor the cursor is in. */
  async follow(editor: vscode.TextEditor): Promise<void> {
    this.actor = undefined;
    await this.show(editor);
  }

  /** The diagram of an actor, as a lens asks for it. */
  async named(uri: string, actor: string): Promise<void> {
    this.actor = actor;
    await this.show(await vscode.window.showTextDocument(vscode.Uri.parse(uri)));
  }

  private moved(editor: vscode.TextEditor): void {
    if (this.shown === undefined || editor.document.languageId !== "omt") {
      return;
    }
    if (editor !== this.editor) {
      this.actor = undefined;
    }
    clearTimeout(this.timer);
    // What cannot be drawn now (a text in the middle of a change) leaves the last diagram as it is.
    this.timer = setTimeout(() => void this.show(editor).catch(() => undefined), REST_MS);
  }

  private async show(editor: vscode.TextEditor): Promise<void> {
    this.editor = editor;
    const found = await this.client().sendRequest<DiagramResult>("omt/diagram", {
      uri: editor.document.uri.toString(),
      actor: this.actor,
      position: this.actor === undefined ? editor.selection.active : undefined,
    });
    if (this.shown === undefined) {
      this.shown = panel("omt.diagram", found.actor);
      this.shown.onDidDispose(() => {
        this.shown = undefined;
        this.latest = "";
      });
    }
    const here = found.highlighted?.length ? `${found.actor}: ${found.highlighted.join(", ")}` : found.actor;
    this.shown.title = found.actor;
    const html = found.svg + here;
    if (html !== this.latest) {
      this.latest = html;
      this.shown.webview.html = page(here, found.svg);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.shown?.dispose();
    this.listeners.forEach((listener) => listener.dispose());
  }
}
