/**
 * The panel beside the editor: comments, history and predictions of the task that is shown.
 *
 * It hears `label:task` {taskId} and `label:region-selected` {id}; it says `label:select-region` {id} and
 * `label:use-prediction` {id}. Every `[data-panel-toggle]` opens or closes it.
 */
import htmx from "htmx.org";

const KEPT_OPEN = "label-panel-open";
const KEPT_TAB = "label-panel-tab";
/** Below this width it covers the editor, so it opens only when it is asked for. */
const NARROW = matchMedia("(max-width: 991.98px)");

/** Make the label page's panel work, if the page has one. */
export function startLabelPanel(): void {
  const element = document.getElementById("label-panel");
  if (element) {
    new LabelPanel(element);
  }
}

class LabelPanel {
  private readonly body: HTMLElement;
  private readonly tabs: HTMLButtonElement[];
  private task: number | undefined;
  private region: string | null = null;
  /** What stands in the panel now; nothing: it is to be read anew. */
  private shown = "";
  /** Comments that were begun, by their tasks: the next task comes when an answer is submitted. */
  private readonly begun = new Map<number, string>();

  constructor(private readonly element: HTMLElement) {
    this.body = element.querySelector<HTMLElement>(".label-panel-body") ?? element;
    this.tabs = [...element.querySelectorAll<HTMLButtonElement>("[role=tab]")];
    this.watchButtons();
    document.addEventListener("label:task", (event) => this.showTask((event as CustomEvent<{ taskId: number }>).detail.taskId));
    document.addEventListener("label:region-selected", (event) => this.selectRegion((event as CustomEvent<{ id: string | null }>).detail.id));
    document.addEventListener("htmx:load", () => this.showWhatIsWritten());
    element.addEventListener("input", () => this.keepWhatIsWritten());
    element.addEventListener("submit", () => this.task !== undefined && this.begun.delete(this.task));
    this.selectTab(kept(KEPT_TAB) ?? "comments");
    this.setOpen(!NARROW.matches && kept(KEPT_OPEN) === "true", false);
  }

  private get isClosed(): boolean {
    return this.element.hidden !== false;
  }

  private get tab(): string {
    return this.tabs.find((tab) => tab.getAttribute("aria-selected") === "true")?.dataset["panel"] ?? "comments";
  }

  private watchButtons(): void {
    document.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-panel-toggle]")) {
        this.setOpen(this.isClosed, true);
      }
    });
    this.element.addEventListener("click", (event) => this.click(event));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && NARROW.matches) {
        this.setOpen(false, true);
      } else if (this.tabs.includes(event.target as HTMLButtonElement)) {
        this.moveAlongTabs(event);
      }
    });
  }

  private click(event: MouseEvent): void {
    const target = event.target as Element;
    const tab = target.closest<HTMLElement>("[role=tab]")?.dataset["panel"];
    const region = target.closest<HTMLElement>("[data-select-region]")?.dataset["selectRegion"];
    const prediction = target.closest<HTMLElement>("[data-use-prediction]")?.dataset["usePrediction"];
    if (tab) {
      this.shown = tab === this.tab ? this.shown : "";
      this.selectTab(tab);
      this.load();
    } else if (region !== undefined) {
      event.preventDefault();
      tell("label:select-region", { id: region });
    } else if (prediction !== undefined) {
      tell("label:use-prediction", { id: Number(prediction) });
    } else if (target.closest("[data-region-clear]")) {
      this.selectRegion(null);
    }
  }

  private moveAlongTabs(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const step = steps[event.key];
    const next = step && this.tabs.at((this.tabs.indexOf(event.target as HTMLButtonElement) + step) % this.tabs.length);
    if (next) {
      event.preventDefault();
      next.focus();
      next.click();
    }
  }

  private setOpen(isOpen: boolean, byPerson: boolean): void {
    this.element.hidden = !isOpen;
    document.body.classList.toggle("has-label-panel", isOpen);
    for (const button of document.querySelectorAll("[data-panel-toggle][aria-expanded]")) {
      button.setAttribute("aria-expanded", String(isOpen));
    }
    if (byPerson) {
      keep(KEPT_OPEN, String(isOpen));
      (isOpen ? this.tabs.find((tab) => tab.tabIndex === 0) : document.querySelector<HTMLElement>(".label-bar [data-panel-toggle]"))?.focus();
    }
    this.load();
  }

  private selectTab(name: string): void {
    for (const tab of this.tabs) {
      const isSelected = tab.dataset["panel"] === name;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.classList.toggle("active", isSelected);
      tab.tabIndex = isSelected ? 0 : -1;
      if (isSelected) {
        this.body.setAttribute("aria-labelledby", tab.id);
      }
    }
    keep(KEPT_TAB, name);
  }

  private showTask(task: number): void {
    this.task = task;
    this.region = null;
    this.shown = "";
    this.load();
  }

  private load(): void {
    const wanted = `${this.task} ${this.tab}`;
    if (this.isClosed || this.task === undefined || wanted === this.shown) {
      return;
    }
    this.shown = wanted;
    const address = (this.element.dataset["address"] ?? "").replace("/0/", `/${this.task}/`);
    void htmx.ajax("get", `${address}${this.tab}`, { target: this.body, swap: "innerHTML" });
  }

  private get field(): HTMLTextAreaElement | null {
    return this.body.querySelector<HTMLTextAreaElement>(".comment-form textarea");
  }

  private keepWhatIsWritten(): void {
    if (this.task !== undefined && this.field) {
      this.begun.set(this.task, this.field.value);
    }
  }

  private showWhatIsWritten(): void {
    const text = this.begun.get(this.task ?? 0);
    if (this.field && text) {
      this.field.value ||= text;
    }
    this.showRegion();
  }

  private selectRegion(id: string | null): void {
    this.region = id;
    this.showRegion();
  }

  /** What is written next is about the region that is selected. */
  private showRegion(): void {
    const field = this.body.querySelector<HTMLInputElement>("[data-region-field]");
    const chip = this.body.querySelector<HTMLElement>("[data-region-chip]");
    if (field && chip) {
      field.value = this.region ?? "";
      chip.hidden = this.region === null;
    }
  }
}

function tell(name: string, detail: Record<string, unknown>): void {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Browsers may refuse to keep anything: then the panel starts closed. */
function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing is lost but where the panel was.
  }
}
