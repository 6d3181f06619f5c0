/** The rows of one card: a label or choice each. */
import { fromTemplate, part } from "../elements";
import { valueOf, type TextEdit, type XmlElement } from "../xml/document";
import { removeElement, setAttribute, swapElements } from "../xml/edits";
import { asHex } from "./colors";
import { cardsOf, depthOf, nameOf, rename, siblingsOf, type Card } from "./model";
import type { ConfigText } from "./panel";

/** More rows than these would be slow and are better edited as text. */
const MAX_ROWS = 200;

interface Place {
  card: number;
  row: number;
}

export class OptionRows {
  /** @param say tells what was done, and which field has the focus then */
  constructor(
    private readonly config: ConfigText,
    private readonly say: (message: string, key: string) => void,
  ) {}

  /** Show the options of a card, and below them how many are left out. */
  fill(list: HTMLElement, more: HTMLElement, card: Card, index: number): void {
    const shown = card.options.slice(0, MAX_ROWS);
    list.replaceChildren(...shown.map((option, row) => this.row(option, card, { card: index, row })));
    list.hidden = !shown.length;
    more.hidden = card.options.length <= MAX_ROWS;
    more.textContent = `${(card.options.length - MAX_ROWS).toLocaleString()} more can be edited in the code.`;
  }

  private row(option: XmlElement, card: Card, place: Place): HTMLElement {
    const view = fromTemplate("visual-option");
    const name = nameOf(option);
    view.dataset["depth"] = String(Math.min(depthOf(option), 4));
    this.fillName(part(view, "name"), name, place);
    this.fillColor(part(view, "color"), option, card, place);
    this.fillHotkey(part(view, "hotkey"), option, place);
    this.fillButtons(view, option, place);
    return view;
  }

  private fillName(field: HTMLInputElement, name: string, place: Place): void {
    field.dataset["key"] = keyOf(place, "name");
    field.value = name;
    field.setAttribute("aria-label", `Name of ${name}`);
    field.addEventListener("change", () => {
      if (field.value.trim()) {
        this.change(place, (text, option) => rename(text, option, field.value.trim()));
      } else {
        field.value = name;
      }
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        field.dispatchEvent(new Event("change"));
      }
    });
  }

  private fillColor(field: HTMLInputElement, option: XmlElement, card: Card, place: Place): void {
    field.hidden = card.optionTag !== "Label";
    field.dataset["key"] = keyOf(place, "color");
    field.value = asHex(valueOf(option, "background"));
    field.setAttribute("aria-label", `Colour of ${nameOf(option)}`);
    field.addEventListener("change", () => this.change(place, (text, now) => setAttribute(text, now, "background", field.value)));
  }

  private fillHotkey(field: HTMLInputElement, option: XmlElement, place: Place): void {
    field.dataset["key"] = keyOf(place, "hotkey");
    field.value = valueOf(option, "hotkey") ?? "";
    field.setAttribute("aria-label", `Hotkey of ${nameOf(option)}`);
    field.addEventListener("change", () =>
      this.change(place, (text, now) => setAttribute(text, now, "hotkey", field.value.trim() || null)),
    );
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        field.dispatchEvent(new Event("change"));
      }
    });
  }

  private fillButtons(view: HTMLElement, option: XmlElement, place: Place): void {
    const siblings = siblingsOf(option);
    const at = siblings.indexOf(option);
    const buttons: [string, string, boolean, () => void][] = [
      ["up", `Move ${nameOf(option)} up`, at > 0, () => this.move(place, -1)],
      ["down", `Move ${nameOf(option)} down`, at < siblings.length - 1, () => this.move(place, 1)],
      ["remove", `Remove ${nameOf(option)}`, true, () => this.remove(place)],
    ];
    for (const [name, label, isPossible, act] of buttons) {
      const button = part<HTMLButtonElement>(view, name);
      button.dataset["key"] = keyOf(place, name);
      button.setAttribute("aria-label", label);
      button.title = label;
      // Not disabled: a button that is would lose the focus when its row arrives at an end.
      button.setAttribute("aria-disabled", String(!isPossible));
      button.addEventListener("click", () => isPossible && act());
    }
  }

  private move(place: Place, step: number): void {
    this.change(place, (text, option, options) => {
      const siblings = siblingsOf(option);
      const other = siblings[siblings.indexOf(option) + step];
      if (!other) {
        return [];
      }
      const direction = step < 0 ? "up" : "down";
      const row = options.indexOf(step < 0 ? other : option) + (step < 0 ? 0 : countWithin(other, options));
      this.say(`Moved ${nameOf(option)} ${direction}.`, keyOf({ ...place, row }, direction));
      return swapElements(text, option, other);
    });
  }

  private remove(place: Place): void {
    this.change(place, (text, option, options) => {
      const left = options.length - countWithin(option, options);
      const next = Math.min(place.row, left - 1);
      this.say(`Removed ${nameOf(option)}.`, left > 0 ? keyOf({ ...place, row: next }, "remove") : `visual-add-${place.card}`);
      return removeElement(text, option);
    });
  }

  private change(place: Place, edits: (text: string, option: XmlElement, options: XmlElement[]) => TextEdit[]): void {
    const text = this.config.text();
    const options = cardsOf(text)[place.card]?.options ?? [];
    const option = options[place.row];
    if (option) {
      this.config.edit(edits(text, option, options));
    }
  }
}

/** How many options stand in the text of `option`, itself among them. */
function countWithin(option: XmlElement, options: XmlElement[]): number {
  return options.filter((other) => option.from <= other.from && other.to <= option.to).length;
}

function keyOf(place: Place, field: string): string {
  return `${place.card}-${place.row}-${field}`;
}
