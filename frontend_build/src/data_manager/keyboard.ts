/** Working with the tasks from the keyboard. */
import type { Selection } from "./selection";
import type { SelectionBar } from "./selection_bar";
import type { Table } from "./table";

export class Keyboard {
  constructor(
    private readonly table: Table,
    private readonly selection: Selection,
    private readonly bar: SelectionBar,
    private readonly root: HTMLElement,
  ) {}

  watch(): void {
    document.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && !isBusyElsewhere(event) && this.hear(event)) {
        event.preventDefault();
      }
    });
  }

  /** Do what a key stands for; return whether it stands for something. */
  private hear(event: KeyboardEvent): boolean {
    const step = this.stepOf(event.key);
    if (step) {
      return this.move(step, event.shiftKey);
    }
    switch (event.key) {
      case "x":
      case " ":
        return this.toggle();
      case "Enter":
        return this.open(event.target as Element);
      case "[":
        return press("dm-previous");
      case "]":
        return press("dm-next");
      case "Escape":
        return this.clear();
      default:
        return false;
    }
  }

  private stepOf(key: string): number {
    const perLine = this.isGrid ? this.table.perLine : 1;
    const steps: Record<string, number> = { j: 1, J: 1, k: -1, K: -1, ArrowDown: perLine, ArrowUp: -perLine };
    const sideways: Record<string, number> = this.isGrid ? { ArrowRight: 1, ArrowLeft: -1 } : {};
    return steps[key] ?? sideways[key] ?? 0;
  }

  private get isGrid(): boolean {
    return this.root.querySelector("#dm-grid") !== null;
  }

  private move(step: number, selects: boolean): boolean {
    const before = this.table.current;
    const row = this.table.move(step);
    if (row && selects) {
      for (const each of [before, row]) {
        if (each) {
          this.bar.add(Number(each.dataset["id"]));
        }
      }
    }
    return row !== undefined;
  }

  private toggle(): boolean {
    const row = this.table.current;
    if (row) {
      this.bar.toggle(Number(row.dataset["id"]));
    }
    return row !== null;
  }

  private open(target: Element): boolean {
    const row = target.matches("[data-id]") ? target : null;
    row?.querySelector<HTMLAnchorElement>("a[data-open]")?.click();
    return row !== null;
  }

  private clear(): boolean {
    const hasSelection = this.selection.all || this.selection.count(0) > 0;
    this.bar.clear();
    return hasSelection;
  }
}

function press(id: string): boolean {
  const link = document.getElementById(id);
  link?.click();
  return link !== null;
}

/** Whether the key belongs to a field, a menu, a dialog or a button. */
function isBusyElsewhere(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (document.querySelector(".modal.show, .dropdown-menu.show")) {
    return true;
  }
  if (target.matches("input[type=checkbox]") && target.closest("[data-id]")) {
    return event.key === " ";
  }
  const isField = target.isContentEditable || target.matches("input, textarea, select, audio, video");
  return isField || (target.matches("a, button, [role=separator]") && !/^[jkx[\]]$/i.test(event.key));
}
