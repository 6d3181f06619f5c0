/** Everything on the label page that changes while one labels. */

export type SaveState = "loading" | "ready" | "changed" | "saving" | "saved" | "skipped" | "failed";

export interface Action {
  label: string;
  run: () => void;
}

export interface Problem {
  title: string;
  detail: string;
  link?: { label: string; address: string };
  actions: Action[];
}

const STATES: Record<SaveState, string> = {
  loading: "Loading…",
  ready: "",
  changed: "Not submitted yet",
  saving: "Saving…",
  saved: "Saved",
  skipped: "Skipped",
  failed: "Not saved",
};

export class PageElements {
  private readonly state = element("label-state");
  private readonly task = element("label-task");
  private readonly problem = element("label-problem");
  private readonly empty = element("label-empty");
  readonly stage = element("label-stage");
  readonly previous = element<HTMLButtonElement>("label-previous");
  readonly next = element<HTMLButtonElement>("label-next");

  showState(state: SaveState): void {
    this.state.textContent = STATES[state];
    this.state.dataset["state"] = state;
    this.stage.setAttribute("aria-busy", String(state === "loading"));
  }

  showTask(id: number | null): void {
    this.task.textContent = id === null ? "" : `Task ${id}`;
    this.empty.hidden = true;
    this.stage.hidden = false;
    document.dispatchEvent(new CustomEvent("label:progress"));
  }

  showEmpty(reason: string): void {
    this.showTask(null);
    this.stage.hidden = true;
    this.empty.hidden = false;
    element("label-empty-reason").textContent = reason;
  }

  showProblem(problem: Problem): void {
    element("label-problem-title").textContent = problem.title;
    element("label-problem-detail").textContent = problem.detail;
    const actions = element("label-problem-actions");
    actions.replaceChildren(...(problem.link ? [link(problem.link)] : []), ...problem.actions.map(button));
    this.problem.hidden = false;
  }

  hideProblem(): void {
    this.problem.hidden = true;
  }
}

function element<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The label page has no element #${id}.`);
  }
  return found as Type;
}

function button(action: Action): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = action.label;
  made.addEventListener("click", action.run);
  return made;
}

function link(target: { label: string; address: string }): HTMLAnchorElement {
  const made = document.createElement("a");
  made.className = "btn btn-sm btn-primary";
  made.href = target.address;
  made.target = "_blank";
  made.rel = "noopener";
  made.textContent = target.label;
  return made;
}
