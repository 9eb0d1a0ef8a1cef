/** The commands that the server's lenses name. */
import * as vscode from "vscode";
import type { LanguageClient, Location, Position } from "vscode-languageclient/node";
import type { DiagramPanel } from "./diagram";
import { RunResult, VerifyParams, stepLine } from "./protocol";
import type { ScenarioTests } from "./scenarios";
import { walk } from "./steps";
import { said } from "./extension";
import { verify } from "./verify";
import { page, panel } from "./webview";

interface Named {
  uri: string;
  scenario: string;
}

async function step(client: LanguageClient, params: Named): Promise<void> {
  const result = await client.sendRequest<RunResult>("omt/runScenario", params);
  const outcome = result.passed ? "passed" : (result.deviation?.message ?? "it deviates");
  if (result.svg) {
    panel("omt.sequence", params.scenario).webview.html = page(`${params.scenario}: ${outcome}`, result.svg);
  }
  walk(
    `${params.scenario}: ${outcome}`,
    result.steps.map((taken) => ({
      label: stepLine(taken),
      location: taken.locations?.[0],
    })),
  );
}

async function showLocations(uri: string, at: Position, found: Location[]): Promise<void> {
  const place = new vscode.Position(at.line, at.character);
  const locations = found.map(({ uri: target, range: { start, end } }) => {
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    return new vscode.Location(vscode.Uri.parse(target), range);
  });
  await vscode.commands.executeCommand("editor.action.showReferences", vscode.Uri.parse(uri), place, locations);
}

export function registerLenses(
  client: () => LanguageClient,
  tests: ScenarioTests,
  diagrams: DiagramPanel,
): vscode.Disposable[] {
  const lens = <A extends unknown[]>(name: string, act: (...given: A) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, async (...given: A) => {
      try {
        await act(...given);
      } catch (error) {
        void vscode.window.showErrorMessage(said(error));
      }
    });
  return [
    lens("omt.showLocations", showLocations),
    lens("omt.runScenario", ({ uri, scenario }: Named) => tests.runOne(uri, scenario)),
    lens("omt.stepScenario", (params: Named) => step(client(), params)),
    lens("omt.verify", (params: VerifyParams) => verify(client(), params)),
    lens("omt.showDiagram", ({ uri, actor }: { uri: string; actor: string }) => diagrams.named(uri, actor)),
  ];
}
