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

/** A list of stops, each shown in the source while it is marked; gives the one that is chosen, if any. What `stays` is left only with
 * Escape: somebody may look at the picture beside it. */
export function choose<T extends Stop>(
  title: string,
  placeholder: string,
  stops: T[],
  stays: boolean,
): Promise<T | undefined> {
  const list = vscode.window.createQuickPick<vscode.QuickPickItem & T>();
  list.title = title;
  list.placeholder = placeholder;
  list.matchOnDetail = true;
  list.ignoreFocusOut = stays;
  list.items = stops.map((stop) => ({ ...stop, alwaysShow: false }));
  list.onDidChangeActive(([stop]) => {
    if (stop?.location) {
      void reveal(stop.location);
    }
  });
  return new Promise((resolve) => {
    let chosen: T | undefined;
    list.onDidAccept(() => {
      chosen = list.selectedItems[0];
      list.hide();
    });
    list.onDidHide(() => {
      vscode.window.visibleTextEditors.forEach((editor) => editor.setDecorations(taken, []));
      list.dispose();
      resolve(chosen);
    });
    list.show();
  });
}

/** Shows the steps until the list is closed. */
export function walk(title: string, stops: Stop[]): void {
  void choose(title, "Up and down go through the steps", stops, false);
}
