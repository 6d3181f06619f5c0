/** The tabs Code, Visual and – where the screen is narrow – Preview. Where it is wide the preview stands beside them. */
import { element } from "./elements";

export type Pane = "code" | "visual" | "preview";

const WIDE = matchMedia("(min-width: 992px)");

export class Panes {
  private readonly root = element("config-editor");
  private readonly tabs = [...this.root.querySelectorAll<HTMLButtonElement>("[role=tab]")];

  /** @param changed called with what can be seen, at the start as well */
  constructor(private readonly changed: (visible: ReadonlySet<Pane>) => void) {
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.select(paneOf(tab)));
      tab.addEventListener("keydown", (event) => this.move(event, tab));
    }
    WIDE.addEventListener("change", () => this.select(this.current));
  }

  /** Bring a pane into view. */
  select(pane: Pane): void {
    const selected = WIDE.matches && pane === "preview" ? "code" : pane;
    this.root.dataset["pane"] = selected;
    for (const tab of this.tabs) {
      const isSelected = paneOf(tab) === selected;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.classList.toggle("active", isSelected);
      tab.tabIndex = isSelected ? 0 : -1;
    }
    this.changed(new Set(WIDE.matches ? [selected, "preview"] : [selected]));
  }

  private get current(): Pane {
    return (this.root.dataset["pane"] as Pane | undefined) ?? "code";
  }

  /** Arrow keys move between the tabs that are shown. */
  private move(event: KeyboardEvent, from: HTMLButtonElement): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const shown = this.tabs.filter((tab) => tab.offsetParent);
      const next = shown.at((shown.indexOf(from) + step) % shown.length);
      event.preventDefault();
      next?.click();
      next?.focus();
    }
  }
}

function paneOf(tab: HTMLElement): Pane {
  return tab.dataset["pane"] as Pane;
}
