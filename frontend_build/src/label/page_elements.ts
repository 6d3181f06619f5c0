/** Everything on the label page that changes while one labels. */
import type { DraftState } from "./draft_buffer";

export interface Action {
  label: string;
  run: () => void;
}

export interface Problem {
  title: string;
  detail: string;
  actions: Action[];
}

export type SaveState =
  | { kind: "loading" | "ready" | "saving" | "updated" | "submitted" | "skipped" | "failed" | "unreachable" }
  | { kind: "offline"; waiting: number }
  | DraftState;

const TEXTS: Partial<Record<SaveState["kind"], string>> = {
  loading: "Loading…",
  ready: "",
  saving: "Saving…",
  submitted: "Submitted",
  updated: "Updated",
  skipped: "Skipped",
  failed: "Not saved",
  unreachable: "Offline",
  kept: "Offline – kept on this device",
  "signed-out": "Signed out – kept on this device",
  refused: "Draft not saved",
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
    this.state.textContent = textOf(state);
    this.state.title = state.kind === "refused" ? state.message : this.state.textContent;
    this.state.dataset["state"] = state.kind;
    this.stage.setAttribute("aria-busy", String(state.kind === "loading"));
  }

  showTask(id: number | null): void {
    this.task.textContent = id === null ? "" : `Task ${id}`;
    this.empty.hidden = true;
    this.stage.hidden = false;
  }

  /**
   * Show, in place of a task, why there is none.
   *
   * @param leadsOn - whether there is a server to lead on to other pages.
   */
  showEmpty(title: string, reason: string, leadsOn = true): void {
    this.showTask(null);
    this.stage.hidden = true;
    this.empty.hidden = false;
    element("label-empty-title").textContent = title;
    element("label-empty-reason").textContent = reason;
    element("label-empty-actions").hidden = !leadsOn;
    this.showCountdown("");
  }

  /** Show when there may be a task again. */
  showCountdown(text: string): void {
    element("label-empty-countdown").textContent = text;
  }

  showProblem(problem: Problem): void {
    element("label-problem-title").textContent = problem.title;
    element("label-problem-detail").textContent = problem.detail;
    element("label-problem-actions").replaceChildren(...problem.actions.map(button));
    this.problem.hidden = false;
  }

  hideProblem(): void {
    this.problem.hidden = true;
  }

  /** The project's progress is read anew. */
  refreshProgress(): void {
    document.dispatchEvent(new CustomEvent("label:progress"));
  }
}

function textOf(state: SaveState): string {
  if (state.kind === "saved") {
    return `Saved ${clockTime(state.at)}`;
  }
  if (state.kind === "offline") {
    return `Offline – ${state.waiting} ${state.waiting === 1 ? "answer" : "answers"} kept on this device`;
  }
  return TEXTS[state.kind] ?? "";
}

/** The time of day; of another day, with its date. */
export function clockTime(moment: Date): string {
  const isToday = moment.toDateString() === new Date().toDateString();
  return moment.toLocaleString(undefined, { ...(isToday ? {} : { dateStyle: "medium" }), timeStyle: "short" });
}

export function element<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The label page has no element #${id}.`);
  }
  return found as Type;
}

export function button(action: Action): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = action.label;
  made.addEventListener("click", action.run);
  return made;
}
