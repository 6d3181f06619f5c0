/** The data manager page: each change goes into the address, and the server sends what the new address shows. */
import Modal from "bootstrap/js/dist/modal";
import htmx from "htmx.org";

import { queryString } from "./address";
import { labelQuery, withSearch } from "./chosen";
import { FilterBuilder } from "./builder";
import { ColumnsPanel } from "./columns_panel";
import { copyText, idsOf } from "./ids";
import { Keyboard } from "./keyboard";
import { OrderPanel } from "./order_panel";
import { Selection } from "./selection";
import { SelectionBar } from "./selection_bar";
import { Table } from "./table";
import type { ColumnsContext, PageInfo, State } from "./types";

/** After so long the page says what it waits for. */
const SLOW_MS = 3_000;

export class DataManagerPage {
  private info = readInfo();
  /** Counts the requests: only the last one's answer is shown. */
  private turn = 0;
  private readonly selection = new Selection();
  private readonly results = part("dm-results");
  private readonly builder: FilterBuilder;
  private readonly columnsPanel: ColumnsPanel;
  private readonly orderPanel: OrderPanel;
  private readonly table: Table;
  private readonly bar: SelectionBar;

  constructor(private readonly root: HTMLElement) {
    const context = JSON.parse(part("dm-context").textContent ?? "") as ColumnsContext;
    this.builder = new FilterBuilder(content("dm-filters"), context);
    this.orderPanel = new OrderPanel(content("dm-order"), context.columns, (ordering) => this.change({ ordering }));
    const search = part("dm-columns-search") as HTMLInputElement;
    this.columnsPanel = new ColumnsPanel(content("dm-columns"), search, context.columns, (columns) => this.change({ columns }, { keepsPage: true }));
    this.table = new Table(this.results, context, {
      onWidth: (column, width) => this.change({ widths: { ...this.info.state.widths, [column]: width } }, { keepsPage: true, replaces: true }),
      onColumns: (columns) => this.change({ columns }, { keepsPage: true }),
    });
    this.bar = new SelectionBar(part("dm-bar"), this.selection, this.table);
  }

  start(): void {
    this.root.addEventListener("click", (event) => this.hearClick(event));
    this.root.addEventListener("keydown", (event) => this.hearKey(event));
    document.addEventListener("submit", (event) => this.hearSubmit(event));
    this.root.addEventListener("change", (event) => this.hearChange(event.target as HTMLElement));
    addEventListener("popstate", () => void this.load());
    document.addEventListener("data-manager:done", () => this.hearDone());
    part("dm-jobs").addEventListener("htmx:afterSettle", (event) => this.hearJob(event.target as HTMLElement));
    new Keyboard(this.table, this.selection, this.bar, this.root).watch();
    this.bar.restore(this.scope);
    this.sync();
  }

  /** Which tasks the selection is about: it ends when others match. */
  private get scope(): string {
    const { search, filters } = this.info.state;
    return JSON.stringify([this.info.project, this.info.tab, search, filters]);
  }

  private change(changes: Partial<State>, { keepsPage = false, replaces = false } = {}): void {
    const { info } = this;
    info.state = { ...info.state, ...changes };
    this.go(queryString(info.state, info, keepsPage ? info.page : 1), replaces);
  }

  private go(address: string, replaces = false): void {
    const url = new URL(address, location.href);
    if (url.search === "?") {
      url.search = "";
    }
    history[replaces ? "replaceState" : "pushState"]({ dataManager: true }, "", url);
    void this.load();
  }

  /** Have the server send what the address shows. */
  private async load(): Promise<void> {
    const note = part("dm-slow");
    const slow = setTimeout(() => (note.textContent = this.results.dataset["busyText"] ?? ""), SLOW_MS);
    const scrolled = document.getElementById("dm-scroll")?.scrollLeft ?? 0;
    this.results.setAttribute("aria-busy", "true");
    const turn = (this.turn += 1);
    const isDone = await request(this.results, location.href);
    clearTimeout(slow);
    if (turn !== this.turn) {
      return; // a later request has replaced this one
    }
    note.textContent = isDone ? "" : "The server cannot be reached, or did not answer. Try again.";
    this.results.removeAttribute("aria-busy");
    const scroll = document.getElementById("dm-scroll");
    if (scroll) {
      scroll.scrollLeft = scrolled;
    }
    this.sync();
  }

  /** Bring what the server did not send in step with what it sent. */
  private sync(): void {
    const before = this.scope;
    this.info = readInfo();
    const { state, problems } = this.info;
    this.builder.load(state.filters, problems);
    this.orderPanel.load(state.ordering);
    this.columnsPanel.load(state.columns);
    this.table.enhance();
    if (this.scope !== before) {
      this.selection.clear();
    }
    this.bar.show(this.info, this.scope);
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-panel]")) {
      const panel = document.getElementById(button.dataset["panel"] ?? "");
      button.setAttribute("aria-expanded", String(panel?.hidden === false));
    }
    if (Object.keys(problems).length) {
      this.open("dm-filters");
    }
  }

  private hearClick(event: MouseEvent): void {
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>("a[data-go]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.go((event.shiftKey && link.dataset["also"]) || link.href);
      return;
    }
    const button = target.closest<HTMLElement>("button");
    if (button) {
      this.hearButton(button);
    }
  }

  /** Escape shuts the panel one is in; elsewhere it is for the selection. */
  private hearKey(event: KeyboardEvent): void {
    const panel = (event.target as Element).closest(".dm-panel");
    if (event.key === "Escape" && panel) {
      event.preventDefault();
      event.stopPropagation();
      this.shut(panel.id);
    }
  }

  private hearButton(button: HTMLElement): void {
    const { panel, close, action } = button.dataset;
    if (panel) {
      this.toggle(panel);
    } else if (close) {
      this.shut(close);
    } else if (action) {
      this.ask(action);
    } else if (button.dataset["apply"] !== undefined) {
      this.apply();
    } else if (button.dataset["resetColumns"] !== undefined) {
      this.change({ columns: [], widths: {} }, { keepsPage: true });
    } else if (button.dataset["dismissRun"] !== undefined) {
      button.closest("article")?.remove();
    } else if (button.dataset["copyIds"] !== undefined) {
      void this.copyIds(false);
    } else if (button.dataset["labelSelected"] !== undefined) {
      this.label();
    } else if (button.dataset["copySelected"] !== undefined) {
      void this.copyIds(true);
    }
  }

  private hearSubmit(event: SubmitEvent): void {
    const form = event.target as HTMLElement;
    if (form.dataset["download"] !== undefined) {
      closeDialog(); // the file comes beside the page
    } else if (form.id === "dm-search-form") {
      event.preventDefault();
      this.change({ search: (part("dm-search") as HTMLInputElement).value.trim() });
    }
  }

  private hearChange(field: HTMLElement): void {
    if (field instanceof HTMLSelectElement && field.id === "dm-page-size") {
      this.go(field.value);
    }
  }

  private apply(): void {
    const filters = this.builder.read();
    if (filters) {
      this.change({ filters });
    }
  }

  private toggle(id: string): void {
    if (part(id).hidden) {
      this.open(id);
      if (id === "dm-filters") {
        this.builder.open();
      } else {
        part(id).querySelector<HTMLElement>("input, select, button")?.focus();
      }
    } else {
      this.shut(id);
    }
  }

  private open(id: string): void {
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-panel]")) {
      const panel = button.dataset["panel"] ?? "";
      part(panel).hidden = panel !== id;
      button.setAttribute("aria-expanded", String(panel === id));
    }
  }

  private shut(id: string): void {
    part(id).hidden = true;
    const button = this.root.querySelector<HTMLElement>(`[data-panel="${id}"]`);
    button?.setAttribute("aria-expanded", "false");
    button?.focus();
  }

  /** Show what an action would do to the selected tasks. */
  private ask(action: string): void {
    const address = (this.root.dataset["actions"] ?? "").replace("ACTION", action) + location.search;
    const values = { selection: JSON.stringify(this.selection.document()) };
    void htmx.ajax("post", address, { source: this.root, target: "#dialog-content", swap: "innerHTML", values });
  }

  /** The action is done, or a job does it. */
  private hearDone(): void {
    closeDialog();
    this.selection.clear();
    void this.load();
  }

  /** A card that no longer asks for news has come to its end: what it changed shows now. */
  private hearJob(card: HTMLElement): void {
    if (card.matches("[id^=run-]") && !card.hasAttribute("hx-trigger")) {
      void this.load();
    }
  }

  /** Label the selected tasks, one after the other, in the order they have here. */
  private label(): void {
    const query = labelQuery(this.info.state, this.selection.document());
    if (query === undefined) {
      part("dm-slow").textContent = "These are too many single tasks to label in a row. Select all that match, or fewer.";
      part("dm-slow").scrollIntoView({ block: "center" });
    } else {
      location.assign(`${this.root.dataset["label"] ?? ""}?${query}`);
    }
  }

  private async copyIds(onlySelected: boolean): Promise<void> {
    const note = part("dm-slow");
    note.textContent = "Reading the ids …";
    try {
      const ids = await idsOf(this.info, withSearch(this.info.state), onlySelected ? this.selection.document() : undefined);
      const isCopied = await copyText(ids.join("\n"));
      note.textContent = isCopied ? `Copied ${ids.length.toLocaleString("en")} ids.` : "This browser lets no page write to its clipboard.";
    } catch (error) {
      note.textContent = `The ids could not be read. ${error instanceof Error ? error.message : ""}`;
    }
  }
}

/** Swap what the server sends into `target`; false when it did not answer. */
async function request(target: HTMLElement, address: string): Promise<boolean> {
  let isDone = false;
  const hear = (event: Event): void => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    isDone = xhr.status !== 0 && (xhr.status < 400 || xhr.status === 422);
  };
  target.addEventListener("htmx:afterRequest", hear);
  try {
    await htmx.ajax("get", address, { source: target, target, swap: "innerHTML" });
  } catch {
    isDone = false; // not sent, not answered, or replaced by a later one
  }
  target.removeEventListener("htmx:afterRequest", hear);
  return isDone;
}

function closeDialog(): void {
  const dialog = document.getElementById("dialog");
  if (dialog) {
    Modal.getInstance(dialog)?.hide();
  }
}

function readInfo(): PageInfo {
  return JSON.parse(part("dm-state").dataset["state"] ?? "") as PageInfo;
}

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The page has no #${id}.`);
  }
  return found;
}

function content(id: string): HTMLElement {
  return part(id).querySelector<HTMLElement>("[data-content]") ?? part(id);
}
