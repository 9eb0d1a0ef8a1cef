/** Verification, and its counterexamples in the source. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { VerifyParams, VerifyResult } from "./protocol";
import { Stop, walk } from "./steps";

let tokens = 0;

export async function verify(client: LanguageClient, params: VerifyParams): Promise<void> {
  const title = params.property ? `Verifying ${params.property}` : "Verifying all properties";
  const progress = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const result = await vscode.window.withProgress(progress, async (report, cancelled) => {
    tokens += 1;
    const token = `omt-verify-${tokens}`;
    const told = client.onProgress(
      { method: "$/progress" } as never,
      token,
      (value: { message?: string }) => report.report({ message: value.message ?? "" }),
    );
    try {
      return await client.sendRequest<VerifyResult>("omt/verify", { ...params, workDoneToken: token }, cancelled);
    } finally {
      told.dispose();
    }
  });
  await tell(result);
}

async function tell(result: VerifyResult): Promise<void> {
  const covered = `${result.states} states${result.complete ? "" : ", not all of them"}`;
  const refuted = result.verdicts.filter((verdict) => verdict.counterexample !== null);
  const lines = result.verdicts.map((verdict) => `${verdict.property}: ${verdict.result}`);
  if (refuted.length === 0) {
    void vscode.window.showInformationMessage([covered, ...lines].join("; "));
    return;
  }
  const wanted =
    refuted.length === 1
      ? refuted[0]
      : await vscode.window
          .showQuickPick(refuted.map((verdict) => ({ label: verdict.property, verdict })))
          .then((picked) => picked?.verdict);
  const example = wanted?.counterexample;
  if (wanted && example) {
    const stops: Stop[] = example.steps.map((step) => ({
      label: `${step.at}  ${step.peer}: ${step.input}`,
      location: step.locations[0],
    }));
    walk(`${wanted.property}: ${example.reason}`, stops);
  }
}
