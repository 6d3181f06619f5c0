/** Shows which tasks are selected, and keeps the selection while the browser tab is open. */
import type { Selection } from "./selection";
import type { Table } from "./table";
import type { PageInfo } from "./types";

const KEY = "selected-tasks";

export class SelectionBar {
  private info: PageInfo | undefined;
  private scope = "";
  /** Where a range with Shift begins. */
  private anchor: number | undefined;

  constructor(
    private readonly bar: HTMLElement,
    private readonly selection: Selection,
    private readonly table: Table,
  ) {
    document.addEventListener("click", (event) => this.hearClick(event));
  }

  /** Take up the selection that was there before the page was left, if it is about the same tasks. */
  restore(scope: string): void {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as { scope: string; document: ReturnType<Selection["document"]> } | null;
    if (kept?.scope === scope) {
      this.selection.restore(kept.document);
    }
  }

  /** Show the selection on the page that the server sent. */
  show(info: PageInfo, scope: string): void {
    this.info = info;
    this.scope = scope;
    this.update();
  }

  /** Select a task or not, and begin ranges there. */
  toggle(id: number): void {
    this.anchor = id;
    this.selection.toggle(id);
    this.update();
  }

  /** Select a task. */
  add(id: number): void {
    this.anchor ??= id;
    this.selection.set(id, true);
    this.update();
  }

  clear(): void {
    this.selection.clear();
    this.update();
  }

  private hearClick(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    if (target.id === "dm-clear-selection") {
      this.clear();
    } else if (target.id === "dm-select-all") {
      this.selection.selectAll();
      this.update();
    } else if (target.id === "dm-select-page") {
      this.selection.setEach(this.table.ids, (target as HTMLInputElement).checked);
      this.update();
    } else if (target.matches("[data-id] input[type=checkbox]")) {
      this.hearBox(target as HTMLInputElement, event.shiftKey);
    }
  }

  private hearBox(box: HTMLInputElement, isRange: boolean): void {
    const id = Number(box.closest<HTMLElement>("[data-id]")?.dataset["id"]);
    if (isRange && this.anchor !== undefined) {
      this.selection.setRange(this.table.ids, this.anchor, id, box.checked);
    } else {
      this.selection.set(id, box.checked);
    }
    this.anchor = id;
    this.update();
  }

  private update(): void {
    for (const row of this.table.rows) {
      const isSelected = this.selection.has(Number(row.dataset["id"]));
      row.classList.toggle("is-selected", isSelected);
      const box = row.querySelector<HTMLInputElement>("input[type=checkbox]");
      if (box) {
        box.checked = isSelected;
      }
    }
    this.updatePageBox();
    this.updateBar();
    sessionStorage.setItem(KEY, JSON.stringify({ scope: this.scope, document: this.selection.document() }));
  }

  private updatePageBox(): void {
    const box = document.getElementById("dm-select-page") as HTMLInputElement | null;
    const ids = this.table.ids;
    const selected = ids.filter((id) => this.selection.has(id)).length;
    if (box) {
      box.checked = ids.length > 0 && selected === ids.length;
      box.indeterminate = selected > 0 && selected < ids.length;
    }
  }

  private updateBar(): void {
    const { total = 0, isLowerBound = false } = this.info ?? {};
    const count = this.selection.count(total);
    const words = `${this.selection.all && isLowerBound ? "More than " : ""}${count.toLocaleString("en")} selected`;
    this.bar.hidden = count === 0 && !this.selection.all;
    const told = document.getElementById("dm-selected");
    if (told && told.textContent !== words) {
      told.textContent = words;
    }
    const more = document.getElementById("dm-select-all");
    if (more) {
      more.hidden = this.selection.all || count >= total;
      more.textContent = `Select all ${isLowerBound ? "more than " : ""}${total.toLocaleString("en")} matching`;
    }
  }
}
