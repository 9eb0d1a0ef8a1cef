/** Scenarios in the test explorer. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { RunResult, Scenario, stepLine } from "./protocol";
import { said } from "./extension";

/** How many files are looked at for scenarios: more are no project but a mistake in the choice of the folder. */
const FILES_MAX = 2000;

export class ScenarioTests implements vscode.Disposable {
  private readonly tests = vscode.tests.createTestController("omt.scenarios", "omt scenarios");
  private readonly watcher = vscode.workspace.createFileSystemWatcher("**/*.omt");
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly client: () => LanguageClient) {
    const profile = vscode.TestRunProfileKind.Run;
    this.tests.createRunProfile("Run", profile, (request, token) => this.run(request, token), true);
    this.tests.refreshHandler = () => this.refresh();
    this.tests.resolveHandler = async (item) => {
      if (item?.uri) {
        await this.read(item.uri);
      }
    };
    const read = (uri: vscode.Uri) => void this.read(uri);
    this.listeners = [
      this.tests,
      this.watcher,
      this.watcher.onDidCreate(read),
      this.watcher.onDidChange(read),
      this.watcher.onDidDelete((uri) => this.tests.items.delete(uri.toString())),
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (document.languageId === "omt" && document.uri.scheme === "file") {
          read(document.uri);
        }
      }),
    ];
  }

  /** Looks for scenarios in all folders of the workspace. */
  async refresh(): Promise<void> {
    const files = await vscode.workspace.findFiles("**/*.omt", "**/{target,node_modules}/**", FILES_MAX);
    const found = new Set(files.map((uri) => uri.toString()));
    this.tests.items.forEach((item) => {
      if (!found.has(item.id)) {
        this.tests.items.delete(item.id);
      }
    });
    await Promise.all(files.map((uri) => this.read(uri)));
  }

  private async read(uri: vscode.Uri): Promise<void> {
    let scenarios: Scenario[];
    try {
      scenarios = await this.client().sendRequest<Scenario[]>("omt/scenarios", { uri: uri.toString() });
    } catch {
      // A file that cannot be read now keeps what was known of it.
      return;
    }
    if (scenarios.length === 0) {
      this.tests.items.delete(uri.toString());
      return;
    }
    const id = uri.toString();
    const file = this.tests.items.get(id) ?? this.tests.createTestItem(id, vscode.workspace.asRelativePath(uri), uri);
    file.children.replace(scenarios.map((scenario) => this.item(uri, scenario)));
    this.tests.items.add(file);
  }

  private item(uri: vscode.Uri, scenario: Scenario): vscode.TestItem {
    const item = this.tests.createTestItem(`${uri.toString()}#${scenario.name}`, scenario.name, uri);
    item.description = scenario.title ?? undefined;
    if (scenario.location) {
      const { start, end } = scenario.location.range;
      item.range = new vscode.Range(start.line, start.character, end.line, end.character);
    }
    return item;
  }

  /** Runs one scenario, as a lens asks for it. */
  async runOne(uri: string, name: string): Promise<void> {
    await this.read(vscode.Uri.parse(uri));
    const item = this.tests.items.get(vscode.Uri.parse(uri).toString())?.children.get(`${uri}#${name}`);
    if (item) {
      const source = new vscode.CancellationTokenSource();
      await this.run(new vscode.TestRunRequest([item]), source.token);
    }
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.tests.createTestRun(request);
    const wanted: vscode.TestItem[] = [];
    const add = (item: vscode.TestItem): void => {
      if (request.exclude?.includes(item)) {
        return;
      }
      if (item.children.size === 0) {
        wanted.push(item);
      }
      item.children.forEach(add);
    };
    (request.include ?? items(this.tests.items)).forEach(add);
    wanted.forEach((item) => run.enqueued(item));
    for (const item of wanted) {
      if (token.isCancellationRequested) {
        run.skipped(item);
        continue;
      }
      run.started(item);
      await this.runItem(run, item);
    }
    run.end();
  }

  private async runItem(run: vscode.TestRun, item: vscode.TestItem): Promise<void> {
    const begun = Date.now();
    try {
      const params = { uri: item.uri?.toString(), scenario: item.label };
      const result = await this.client().sendRequest<RunResult>("omt/runScenario", params);
      result.steps.forEach((step) => run.appendOutput(`${stepLine(step)}\r\n`, undefined, item));
      const took = Date.now() - begun;
      if (result.passed) {
        run.passed(item, took);
        return;
      }
      const deviation = result.deviation;
      const help = deviation?.help ? `\n\n${deviation.help}` : "";
      const message = new vscode.TestMessage(`${deviation?.message ?? "it deviates"}${help}`);
      if (deviation?.location) {
        const { uri, range } = deviation.location;
        const place = new vscode.Position(range.start.line, range.start.character);
        message.location = new vscode.Location(vscode.Uri.parse(uri), place);
      }
      run.failed(item, message, took);
    } catch (error) {
      run.errored(item, new vscode.TestMessage(said(error)), Date.now() - begun);
    }
  }

  dispose(): void {
    this.listeners.forEach((listener) => listener.dispose());
  }
}

function items(collection: vscode.TestItemCollection): vscode.TestItem[] {
  const all: vscode.TestItem[] = [];
  collection.forEach((item) => all.push(item));
  return all;
}
