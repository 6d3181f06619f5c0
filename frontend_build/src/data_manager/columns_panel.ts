/** The menu of columns: which are shown, in which order. */
import { iconButton, make } from "./dom";
import { movedTo, watchDragging } from "./sorting";
import type { Column } from "./types";

const MAX_COLUMNS = 60;

export class ColumnsPanel {
  private shown: string[] = [];
  private readonly list = make("ul", { class: "dm-column-list" });

  constructor(
    root: HTMLElement,
    private readonly search: HTMLInputElement,
    private readonly columns: readonly Column[],
    private readonly onChange: (columns: string[]) => void,
  ) {
    root.append(this.list);
    search.addEventListener("input", () => this.filter());
    this.list.addEventListener("change", (event) => this.hearCheck(event.target as HTMLInputElement));
    this.list.addEventListener("click", (event) => this.hearMove((event.target as Element).closest<HTMLElement>("[data-move]")));
    watchDragging(this.list, "li[draggable]", (moved, target) => this.take(movedTo(this.shown, moved, target)));
  }

  /** Show which columns the table has. */
  load(shown: readonly string[]): void {
    this.shown = [...shown];
    const focused = (document.activeElement as HTMLElement | null)?.dataset["key"];
    const known = new Map(this.columns.map((column) => [column.id, column]));
    const rest = this.columns.filter(({ id }) => id !== "id" && !shown.includes(id)).map(({ id }) => id);
    this.list.replaceChildren(...[...shown, ...rest].map((id) => this.item(id, known.get(id))));
    this.filter();
    if (focused) {
      this.list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  private item(id: string, column: Column | undefined): HTMLElement {
    const title = column?.title ?? id.replace(/^data\./, "");
    const place = this.shown.indexOf(id);
    const isShown = place >= 0;
    const box = make("input", { class: "form-check-input", type: "checkbox", value: id, "data-key": `box ${id}` });
    box.checked = isShown;
    const label = make("label", { class: "form-check m-0 flex-fill" }, box, make("span", { class: "form-check-label" }, title));
    if (column?.help) {
      label.append(make("span", { class: "form-check-description" }, column.help));
    }
    const item = make("li", { "data-column": id, "data-text": `${title} ${id}`.toLowerCase(), draggable: isShown ? "true" : undefined }, label);
    if (isShown) {
      const move = (name: string, word: string, isLast: boolean): HTMLElement =>
        iconButton(name, `Move ${title} ${word}`, { "data-move": word, "data-key": `${word} ${id}`, disabled: isLast });
      item.append(move("up", "up", place === 0), move("down", "down", place === this.shown.length - 1));
    }
    return item;
  }

  private hearCheck(box: HTMLInputElement): void {
    const isFull = box.checked && this.shown.length >= MAX_COLUMNS;
    const rest = this.shown.filter((id) => id !== box.value);
    if (isFull || (!box.checked && !rest.length)) {
      box.checked = !box.checked;
      return;
    }
    this.take(box.checked ? [...this.shown, box.value] : rest);
  }

  private hearMove(button: HTMLElement | null): void {
    const id = button?.closest<HTMLElement>("li")?.dataset["column"];
    if (!button || id === undefined) {
      return;
    }
    const place = this.shown.indexOf(id);
    const target = this.shown[place + (button.dataset["move"] === "up" ? -1 : 1)];
    if (target !== undefined) {
      this.take(movedTo(this.shown, id, target));
    }
  }

  private take(columns: string[]): void {
    this.load(columns);
    this.onChange(columns);
  }

  private filter(): void {
    const wanted = this.search.value.trim().toLowerCase();
    for (const item of this.list.querySelectorAll<HTMLElement>("li")) {
      item.hidden = !(item.dataset["text"] ?? "").includes(wanted);
    }
  }
}
