/** The menu of orders: several columns, each ascending or descending. */
import { icon, iconButton, make, select } from "./dom";
import type { Column } from "./types";

const MAX_KEYS = 5;

export class OrderPanel {
  private ordering: string[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly columns: readonly Column[],
    private readonly onChange: (ordering: string[]) => void,
  ) {}

  /** Show by what the tasks are ordered. */
  load(ordering: readonly string[]): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["key"];
    this.ordering = [...ordering];
    const keys = make("ol", { class: "dm-order-list" }, ...ordering.map((key, place) => this.item(key, place)));
    const parts = ordering.length ? [keys] : [make("p", { class: "text-secondary" }, "By their id.")];
    this.root.replaceChildren(...parts, ...(ordering.length < MAX_KEYS ? [this.adding()] : []));
    if (focused) {
      this.root.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  private item(key: string, place: number): HTMLElement {
    const id = key.replace(/^-/, "");
    const title = this.columns.find((column) => column.id === id)?.title ?? id.replace(/^data\./, "");
    const isDescending = key.startsWith("-");
    const direction = make("button", { type: "button", class: "btn btn-sm", "data-key": `turn ${id}` }, icon(isDescending ? "down" : "up"), isDescending ? " Descending" : " Ascending");
    direction.addEventListener("click", () => this.take(this.ordering.with(place, isDescending ? id : `-${id}`)));
    const remove = iconButton("x", `Do not order by ${title}`);
    remove.addEventListener("click", () => this.take(this.ordering.filter((_, at) => at !== place)));
    return make("li", {}, make("span", { class: "flex-fill" }, title), direction, remove);
  }

  private adding(): HTMLElement {
    const used = new Set(this.ordering.map((key) => key.replace(/^-/, "")));
    const free = this.columns.filter((column) => column.isOrderable && !used.has(column.id));
    const prompt = this.ordering.length ? "Then by …" : "Order by …";
    const field = select([["", prompt], ...free.map(({ id, title }) => [id, title] as const)], "", { "aria-label": prompt.replace(" …", ""), "data-key": "add" });
    field.addEventListener("change", () => this.take([...this.ordering, field.value]));
    return field;
  }

  private take(ordering: string[]): void {
    this.load(ordering);
    this.onChange(ordering);
  }
}
