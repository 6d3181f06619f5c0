/** Shows the server's verdict: underlined where it is, and as a list below the code. */
import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";

import type { Problem, Verdict } from "./check";
import { element, fromTemplate, part } from "./elements";

/** Return what to underline; a problem without a place belongs to the first line. */
export function diagnosticsOf(document: Text, verdict: Verdict): Diagnostic[] {
  return [
    ...verdict.problems.map((problem) => diagnostic(document, problem, "error")),
    ...verdict.warnings.map((problem) => diagnostic(document, problem, "warning")),
  ];
}

function diagnostic(document: Text, problem: Problem, severity: "error" | "warning"): Diagnostic {
  return { ...placeOf(document, problem), severity, message: problem.message };
}

/** The tag or word at the problem's column; the whole line when only the line is known. */
export function placeOf(document: Text, problem: Problem): { from: number; to: number } {
  const line = document.line(Math.min(Math.max(problem.line ?? 1, 1), document.lines));
  const indent = line.text.length - line.text.trimStart().length;
  const start = problem.column ? Math.min(problem.column - 1, line.length) : indent;
  const rest = line.text.slice(start);
  const length = problem.column ? (/^<?[^\s<>]*/.exec(rest)?.[0].length ?? 0) : rest.trimEnd().length;
  return { from: line.from + start, to: line.from + start + Math.max(length, Math.min(1, rest.length)) };
}

/** The list below the code; each entry leads to its place. */
export class ProblemList {
  private readonly root = element("config-problems");
  private readonly summary = part(this.root, "summary");
  private readonly list = part(this.root, "list");

  constructor(private readonly goTo: (problem: Problem) => void) {}

  show(verdict: Verdict | null): void {
    const { problems, warnings } = verdict ?? { problems: [], warnings: [] };
    this.root.dataset["state"] = problems.length ? "wrong" : warnings.length ? "doubtful" : "right";
    this.summary.textContent = verdict ? summaryOf(verdict) : "The server could not check the config; it tries again when you type.";
    this.list.replaceChildren(
      ...problems.map((problem) => this.entry(problem, "error")),
      ...warnings.map((problem) => this.entry(problem, "warning")),
    );
    this.list.hidden = !problems.length && !warnings.length;
  }

  private entry(problem: Problem, severity: string): HTMLElement {
    const item = fromTemplate("config-problem");
    item.dataset["severity"] = severity;
    part(item, "place").textContent = problem.line ? `Line ${problem.line}` : "Whole config";
    part(item, "message").textContent = problem.message;
    part(item, "go").addEventListener("click", () => this.goTo(problem));
    return item;
  }
}

function summaryOf({ problems, warnings, sample }: Verdict): string {
  const parts = [
    problems.length ? counted(problems.length, "problem") : "",
    warnings.length ? counted(warnings.length, "warning") : "",
  ].filter(Boolean);
  return parts.join(", ") || (sample ? "No problems found" : "Nothing is shown and asked yet");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
