/** A walk through the states of a scope: who is where, what can happen next, and the way here as a chart. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { ExploreResult } from "./protocol";
import { page, panel } from "./webview";

interface Choice extends vscode.QuickPickItem {
  path?: number[];
}

/** Asks for one step after the other until the list is left. */
export async function explore(client: LanguageClient, uri: string, scope?: string): Promise<void> {
  const shown = panel("omt.explore", "Explore");
  try {
    let path: number[] | undefined = [];
    while (path !== undefined) {
      const here: ExploreResult = await client.sendRequest<ExploreResult>("omt/explore", { uri, scope, path });
      const title = `${here.scope}, after ${here.path.length} steps`;
      shown.title = title;
      shown.webview.html = page([title, ...members(here), ...remarks(here)].join("; "), here.svg);
      const picked: Choice | undefined = await vscode.window.showQuickPick(choices(here), {
        title,
        placeHolder: "What happens next?",
        matchOnDetail: true,
        ignoreFocusOut: true,
      });
      path = picked?.path;
    }
  } finally {
    shown.dispose();
  }
}

function members(here: ExploreResult): string[] {
  return here.members.flatMap((member) =>
    member.machines.map((machine) => `${member.name}: ${machine.actor} ${machine.state}`),
  );
}

function remarks(here: ExploreResult): string[] {
  const said = here.properties.map((property) => `${property.property} ${property.result}`);
  return here.reason === "" ? said : [...said, here.reason];
}

function choices(here: ExploreResult): Choice[] {
  const steps = here.steps.map((step, index): Choice => {
    const lines = step.lines.map((line) => `${line.at}  ${line.peer}: ${line.input}`);
    const changes = step.lines.flatMap((line) => line.changes);
    return { label: lines.join(", "), detail: changes.join(", "), path: [...here.path, index] };
  });
  const back: Choice[] =
    here.path.length === 0 ? [] : [{ label: "$(arrow-left) Back", path: here.path.slice(0, -1) }];
  return [...steps, ...back];
}
