/** A walk through the states of a scope: who is where, what can happen next, and the way here as a chart. */
import type { LanguageClient } from "vscode-languageclient/node";
import type { ExploreResult } from "./protocol";
import { choose, type Stop } from "./steps";
import { page, panel } from "./webview";

interface Choice extends Stop {
  path: number[];
}

/** Asks for one step after the other until the list is left. */
export async function explore(client: LanguageClient, uri: string, scope?: string): Promise<void> {
  const shown = panel("omt.explore", "Explore");
  try {
    let path: number[] | undefined = [];
    while (path !== undefined) {
      const here: ExploreResult = await client.sendRequest<ExploreResult>("omt/explore", { uri, scope, path });
      const taken = here.path.length === 1 ? "1 step" : `${here.path.length} steps`;
      const title = `${here.scope}, after ${taken}`;
      shown.title = title;
      shown.webview.html = page(title, here.svg, [...members(here), ...remarks(here)]);
      const question = here.steps.length === 0 ? "Nothing can happen any more" : "What happens next?";
      const picked: Choice | undefined = await choose(title, question, choices(here), true);
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
  const more = here.leftOut > 0 ? [`${here.leftOut} more steps are not offered`] : [];
  return [...said, ...(here.reason === "" ? [] : [here.reason]), ...more];
}

function choices(here: ExploreResult): Choice[] {
  const steps = here.steps.map((step, index): Choice => {
    const lines = step.lines.map((line) => `${line.at}  ${line.peer}: ${line.input}`);
    const changes = step.lines.flatMap((line) => line.changes);
    const location = step.lines.flatMap((line) => line.locations)[0];
    return { label: lines.join(", "), detail: changes.join(", "), location, path: [...here.path, index] };
  });
  const back: Choice[] =
    here.path.length === 0
      ? []
      : [{ label: "$(arrow-left) Back", location: undefined, path: here.path.slice(0, -1) }];
  return [...steps, ...back];
}
