/** Going through a run step by step: a list of steps; each shows the transition that it takes in the source. */
import * as vscode from "vscode";
import type { Location } from "vscode-languageclient/node";

export interface Stop {
  label: string;
  detail?: string;
  location: Location | undefined;
}

const taken = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  backgroundColor: new vscode.ThemeColor("editor.stackFrameHighlightBackground"),
});

async function reveal(location: Location): Promise<void> {
  const { start, end } = location.range;
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  const editor = await vscode.window.showTextDocument(vscode.Uri.parse(location.uri), { preserveFocus: true });
  editor.setDecorations(taken, [range]);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Shows the steps until the list is closed. */
export function walk(title: string, stops: Stop[]): void {
  const list = vscode.window.createQuickPick<vscode.QuickPickItem & Stop>();
  list.title = title;
  list.placeholder = "Up and down go through the steps";
  list.matchOnDetail = true;
  list.items = stops.map((stop) => ({ ...stop, alwaysShow: false }));
  list.onDidChangeActive(([stop]) => {
    if (stop?.location) {
      void reveal(stop.location);
    }
  });
  list.onDidAccept(() => list.hide());
  list.onDidHide(() => {
    vscode.window.visibleTextEditors.forEach((editor) => editor.setDecorations(taken, []));
    list.dispose();
  });
  list.show();
}
