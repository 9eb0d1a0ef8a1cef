/** The requests that only this server has, as docs/lsp.md tells them. */
import type { Location } from "vscode-languageclient/node";

export interface DiagramResult {
  actor: string;
  initial: string;
  highlighted: string[] | null;
  svg: string;
}

export interface MatrixResult {
  transaction: string;
  actors: { actor: string; messages: string[]; states: { state: string; is: string[] }[] }[];
}

export interface Scenario {
  name: string;
  title: string | null;
  location: Location | null;
}

export interface Step {
  /** Microseconds. */
  at: number;
  event: string;
  peer?: string;
  from?: string;
  to?: string;
  message?: string;
  text?: string;
  locations?: Location[];
}

/** A step in one line. */
export function stepLine(step: Step): string {
  const said = step.event === "message" ? `${step.from} → ${step.to}: ${step.message}` : undefined;
  const other = [step.peer, step.event, step.message].filter((part) => part !== undefined).join(" ");
  return `${step.at / 1e6} s  ${step.text ?? said ?? other}`;
}

export interface RunResult {
  scenario: string;
  passed: boolean;
  elapsed: number;
  deviation: { message: string; help: string | null; location: Location | null } | null;
  steps: Step[];
  svg: string | null;
}

export interface VerifyResult {
  scope: string;
  proven: boolean;
  complete: boolean;
  states: number;
  depth: number;
  verdicts: {
    property: string;
    result: string;
    location: Location | null;
    counterexample: {
      reason: string;
      steps: { at: number | string; peer: string; input: string; changes: unknown; locations: Location[] }[];
    } | null;
  }[];
}

interface ExploreLine {
  at: string;
  peer: string;
  input: string;
  changes: string[];
  locations: Location[];
}

export interface ExploreResult {
  scope: string;
  /** The steps that were chosen. */
  path: number[];
  way: ExploreLine[];
  reason: string;
  members: {
    name: string;
    clock: string;
    machines: { actor: string; state: string; faulted: boolean; fields: { name: string; value: string }[] }[];
  }[];
  properties: { property: string; result: string }[];
  steps: { lines: ExploreLine[] }[];
  leftOut: number;
  svg: string;
}

export interface VerifyParams {
  uri: string;
  property?: string | null;
  scope?: string | null;
}

export interface ExplainResult {
  code: string;
  title: string;
  markdown: string;
}
