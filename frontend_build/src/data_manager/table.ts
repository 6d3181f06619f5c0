/** The table and the grid: moving over the rows, the widths and places of columns, players on demand. */
import { make } from "./dom";
import { movedTo, watchDragging } from "./sorting";

const STEP = 16;

export interface TableListener {
  onWidth(column: string, width: number): void;
  onColumns(columns: string[]): void;
}

export class Table {
  private isResizing = false;

  constructor(
    private readonly results: HTMLElement,
    private readonly limits: { narrowest: number; widest: number },
    private readonly listener: TableListener,
  ) {
    results.addEventListener("pointerdown", (event) => this.hearPointer(event));
    results.addEventListener("keydown", (event) => this.hearWidthKey(event));
    results.addEventListener("click", (event) => this.play((event.target as Element).closest<HTMLElement>("[data-play]")));
    results.addEventListener("dragstart", (event) => {
      if (this.isResizing) {
        event.preventDefault();
      }
    }, true);
    watchDragging(results, "th[data-movable]", (moved, target) => listener.onColumns(movedTo(this.shownColumns, moved, target)));
  }

  /** Prepare what the server has just sent. */
  enhance(): void {
    for (const head of this.results.querySelectorAll<HTMLElement>("th[data-movable]")) {
      head.draggable = true;
      for (const link of head.querySelectorAll("a")) {
        link.draggable = false;
      }
    }
  }

  /** The rows, or the cards, in their order. */
  get rows(): HTMLElement[] {
    return [...this.results.querySelectorAll<HTMLElement>("[data-id]")];
  }

  get ids(): number[] {
    return this.rows.map((row) => Number(row.dataset["id"]));
  }

  /** The row that has the focus, or something in it. */
  get current(): HTMLElement | null {
    return document.activeElement?.closest<HTMLElement>("#dm-results [data-id]") ?? null;
  }

  /** Move the focus by rows; return the row it comes to. */
  move(step: number): HTMLElement | undefined {
    const rows = this.rows;
    const at = this.current ? rows.indexOf(this.current) : step > 0 ? -1 : rows.length;
    const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return row;
  }

  /** How many cards stand beside each other; 1 in the table. */
  get perLine(): number {
    const [first, ...others] = this.rows;
    return first ? 1 + others.findIndex((card) => card.offsetTop !== first.offsetTop) || this.rows.length : 1;
  }

  private get shownColumns(): string[] {
    return [...this.results.querySelectorAll<HTMLElement>("th[data-movable]")].map((head) => head.dataset["column"] ?? "");
  }

  private hearPointer(event: PointerEvent): void {
    const handle = (event.target as Element).closest<HTMLElement>("[data-resize]");
    const column = handle && this.column(handle);
    if (!handle || !column) {
      return;
    }
    event.preventDefault();
    this.isResizing = true;
    handle.setPointerCapture(event.pointerId);
    const [start, width] = [event.clientX, Number(column.width)];
    const follow = (moved: PointerEvent): void => this.setWidth(column, handle, width + moved.clientX - start);
    const end = (): void => {
      this.isResizing = false;
      handle.removeEventListener("pointermove", follow);
      this.listener.onWidth(handle.dataset["resize"] ?? "", Number(column.width));
    };
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("lostpointercapture", end, { once: true });
  }

  private hearWidthKey(event: KeyboardEvent): void {
    const handle = (event.target as Element).closest<HTMLElement>("[data-resize]");
    const column = handle && this.column(handle);
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!handle || !column || step === undefined) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.setWidth(column, handle, Number(column.width) + step);
    this.listener.onWidth(handle.dataset["resize"] ?? "", Number(column.width));
  }

  private setWidth(column: HTMLTableColElement, handle: HTMLElement, width: number): void {
    const { narrowest, widest } = this.limits;
    column.width = String(Math.round(Math.min(Math.max(width, narrowest), widest)));
    handle.setAttribute("aria-valuenow", column.width);
  }

  private column(handle: HTMLElement): HTMLTableColElement | null {
    return this.results.querySelector(`col[data-column="${CSS.escape(handle.dataset["resize"] ?? "")}"]`);
  }

  private play(button: HTMLElement | null): void {
    const kind = button?.dataset["play"];
    if (button && (kind === "audio" || kind === "video")) {
      const player = make(kind, { class: "dm-player", controls: true, autoplay: true, src: button.dataset["source"], "aria-label": button.getAttribute("aria-label") ?? "" });
      button.replaceWith(player);
      player.focus();
    }
  }
}
