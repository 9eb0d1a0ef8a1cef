/** Tasks that run the compiler; their findings go where all findings go. */
import * as vscode from "vscode";
import { program } from "./client";

interface Definition extends vscode.TaskDefinition {
  verb: string;
  paths?: string[];
  arguments?: string[];
}

export class OmtcTasks implements vscode.TaskProvider {
  static readonly type = "omtc";

  provideTasks(): vscode.Task[] {
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
      ["check", "build", "test", "lint"].map((verb) => task({ type: OmtcTasks.type, verb }, folder)),
    );
  }

  resolveTask(given: vscode.Task): vscode.Task | undefined {
    const scope = given.scope;
    const folder = typeof scope === "object" ? scope : vscode.workspace.workspaceFolders?.[0];
    return folder && task(given.definition as Definition, folder);
  }
}

function task(definition: Definition, folder: vscode.WorkspaceFolder): vscode.Task {
  const { verb, paths = ["."], arguments: more = [] } = definition;
  // No shell: a path with a space or a sign in it is one argument.
  const run = new vscode.ProcessExecution(program("compiler.path", "omtc"), [verb, "--color", "never", ...more, ...paths], {
    cwd: folder.uri.fsPath,
  });
  const made = new vscode.Task(definition, folder, verb, OmtcTasks.type, run, "$omtc");
  made.group = verb === "build" ? vscode.TaskGroup.Build : verb === "test" ? vscode.TaskGroup.Test : undefined;
  return made;
}
