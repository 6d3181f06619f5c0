/** Edits a config without writing XML: labels, their colours, order and hotkeys, and the usual options of tags. */
import { element, fromTemplate, part } from "../elements";
import type { TagRegistry } from "../registry";
import type { TextEdit } from "../xml/document";
import { valueOf } from "../xml/document";
import { setAttribute } from "../xml/edits";
import { PALETTE } from "./colors";
import { addOptions, cardsOf, isOn, setTick, type Card } from "./model";
import { OptionRows } from "./option_rows";
import { usualOptions, type NumberOption, type Tick } from "./usual_options";

export interface ConfigText {
  text(): string;
  edit(edits: TextEdit[]): void;
}

export class VisualPanel {
  private readonly rows: OptionRows;
  private descriptions = new Map<string, string>();
  private isVisible = false;
  private isStale = true;
  private frame = 0;
  /** The field that has the focus after the next rendering, when it is not the one that has it now. */
  private focusNext: string | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly config: ConfigText,
  ) {
    this.rows = new OptionRows(config, (message, key) => this.say(message, key));
    element("visual-palette").replaceChildren(...PALETTE.map((color) => new Option(color)));
  }

  setRegistry(registry: TagRegistry): void {
    this.descriptions = new Map(Object.entries(registry.tags).map(([name, tag]) => [name, tag.about]));
    this.update();
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    if (isVisible && this.isStale) {
      this.render();
    }
  }

  /** Follow a change of the text. */
  update(): void {
    this.isStale = true;
    if (this.isVisible) {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.render());
    }
  }

  private render(): void {
    this.isStale = false;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
    const key = this.focusNext ?? focused;
    this.focusNext = undefined;
    const cards = cardsOf(this.config.text());
    part(this.root, "empty").hidden = cards.length > 0;
    part(this.root, "cards").replaceChildren(...cards.map((card, index) => this.card(card, index)));
    if (key) {
      this.root.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
    }
  }

  private card(card: Card, index: number): HTMLElement {
    const view = fromTemplate("visual-card");
    const name = valueOf(card.element, "name") ?? "";
    const about = valueOf(card.element, "toName");
    const title = part(view, "title");
    title.id = `visual-card-${index}`;
    view.setAttribute("aria-labelledby", title.id);
    part(view, "name").textContent = name || card.element.name;
    part(view, "tag").textContent = `<${card.element.name}>`;
    part(view, "about").textContent = about ? `asks about ${about}` : "";
    part(view, "description").textContent = this.descriptions.get(card.element.name) ?? "";
    this.fillOptions(part(view, "options"), card, index);
    this.fillSettings(part(view, "settings"), card, index);
    return view;
  }

  private fillOptions(view: HTMLElement, card: Card, index: number): void {
    view.hidden = card.optionTag === null;
    if (!card.optionTag) {
      return;
    }
    this.rows.fill(part(view, "rows"), part(view, "more"), card, index);
    const lines = part<HTMLTextAreaElement>(view, "lines");
    const noun = card.optionTag === "Label" ? "labels" : "choices";
    lines.id = `visual-add-${index}`;
    lines.dataset["key"] = lines.id;
    part(view, "add-label").setAttribute("for", lines.id);
    part(view, "add-label").textContent = `New ${noun}, one a line`;
    const add = (): void => this.add(index, lines, noun);
    part(view, "add").addEventListener("click", add);
    lines.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        add();
      }
    });
  }

  private add(index: number, lines: HTMLTextAreaElement, noun: string): void {
    const text = this.config.text();
    const card = cardsOf(text)[index];
    if (card) {
      const { edits, added, known } = addOptions(text, card, lines.value);
      this.config.edit(edits);
      this.say(`Added ${added} ${noun}${known ? `; ${known} were there already` : ""}.`, lines.dataset["key"]);
      lines.value = "";
    }
  }

  private fillSettings(view: HTMLElement, card: Card, index: number): void {
    const { ticks, numbers } = usualOptions(card.element.name);
    view.hidden = !ticks.length && !numbers.length;
    part(view, "ticks").replaceChildren(...ticks.map((tick) => this.tick(tick, card, index)));
    part(view, "numbers").replaceChildren(...numbers.map((option) => this.number(option, card, index)));
  }

  private tick(tick: Tick, card: Card, index: number): HTMLElement {
    const view = fromTemplate("visual-tick");
    const box = part<HTMLInputElement>(view, "box");
    box.dataset["key"] = `${index}-${tick.attribute}`;
    box.checked = isOn(card.element, tick);
    part(view, "label").textContent = tick.label;
    part(view, "help").textContent = tick.help ?? "";
    box.addEventListener("change", () => this.change(index, (text, now) => setTick(text, now.element, tick, box.checked)));
    return view;
  }

  private number(option: NumberOption, card: Card, index: number): HTMLElement {
    const view = fromTemplate("visual-number");
    const field = part<HTMLInputElement>(view, "field");
    field.dataset["key"] = `${index}-${option.attribute}`;
    field.min = String(option.min);
    field.max = String(option.max);
    field.placeholder = option.byDefault;
    field.value = valueOf(card.element, option.attribute) ?? "";
    part(view, "label").textContent = option.label;
    field.addEventListener("change", () => {
      if (field.reportValidity()) {
        this.change(index, (text, now) => setAttribute(text, now.element, option.attribute, field.value || null));
      }
    });
    return view;
  }

  private change(index: number, edits: (text: string, card: Card) => TextEdit[]): void {
    const text = this.config.text();
    const card = cardsOf(text)[index];
    if (card) {
      this.config.edit(edits(text, card));
    }
  }

  private say(message: string, focusNext?: string): void {
    this.focusNext = focusNext;
    element("config-message").textContent = message;
  }
}
