/** What the page says when something went wrong, and what one can do then. */
import type { Notices } from "./notices";
import type { Action, PageElements } from "./page_elements";

export function tellNotLoaded(page: PageElements, error: unknown, again: () => void): void {
  const detail = error instanceof Error ? error.message : String(error);
  page.showProblem({ title: "The task could not be loaded.", detail, actions: [{ label: "Try again", run: again }] });
}

export function tellNotSaved(page: PageElements, detail: string): void {
  page.showProblem({ title: "Your work is not saved; it is still here.", detail, actions: [dismissal(page)] });
}

export function tellUnreachable(page: PageElements): void {
  page.showEmpty(
    "The server cannot be reached",
    "What you answered is kept on this device and goes out by itself. The next task comes when the connection is back.",
    false,
  );
}

/** @param isLabeled - whether the task got all its answers meanwhile. */
export function tellLeaseLost(notices: Notices, isLabeled: boolean): void {
  const why = isLabeled ? "Others have answered this task meanwhile." : "Your reservation ran out: others may get this task too.";
  notices.tell("lease", `${why} You can still submit your answer.`, []);
}

/** @param skip - a way past a task that the editor cannot show, where the project allows it. */
export function tellEditorFailed(page: PageElements, message: string, isOpened: boolean, skip: Action | null): void {
  page.showProblem({
    title: isOpened ? "The editor reports a problem." : "The editor cannot show this task.",
    detail: `${message} A manager can check the task's data and the labeling config.`,
    actions: [...(skip && !isOpened ? [skip] : []), dismissal(page)],
  });
}

export function tellNotDone(page: PageElements, title: string, error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  page.showProblem({ title, detail, actions: [dismissal(page)] });
}

function dismissal(page: PageElements): Action {
  return { label: "Dismiss", run: () => page.hideProblem() };
}
