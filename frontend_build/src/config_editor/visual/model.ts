/** The questions of a config, as the visual panel shows them. */
import { attributeOf, escapeAttribute, everyElement, readElements, valueOf, type TextEdit, type XmlElement } from "../xml/document";
import { appendChildren, setAttribute } from "../xml/edits";
import { nextColors } from "./colors";
import { usualOptions, type Tick } from "./usual_options";

/** One card of the panel: a control with its labels or choices, or an object with its options. */
export interface Card {
  element: XmlElement;
  /** The tag of its labels or choices; null when it has none. */
  optionTag: "Label" | "Choice" | null;
  options: XmlElement[];
}

/** Return what can be edited visually: what has labels or choices first, each kind in the order of the text. */
export function cardsOf(text: string): Card[] {
  return everyElement(readElements(text))
    .map((element) => ({ element, optionTag: optionTagOf(element.name), options: optionsOf(element) }))
    .filter(({ element, optionTag }) => {
      const { ticks, numbers } = usualOptions(element.name);
      return optionTag !== null || ticks.length > 0 || numbers.length > 0;
    })
    .toSorted((one, other) => Number(one.optionTag === null) - Number(other.optionTag === null));
}

/** Labels and choices at any depth, but not those of a control inside. */
function optionsOf(control: XmlElement): XmlElement[] {
  const tag = optionTagOf(control.name);
  return everyElement(control.children).filter((element) => element.name === tag);
}

function optionTagOf(name: string): Card["optionTag"] {
  if (name === "Choices" || name === "Taxonomy") {
    return "Choice";
  }
  return name !== "Label" && /Labels$/.test(name) ? "Label" : null;
}

/** Return what a label is called: its value, else its alias. */
export function nameOf(option: XmlElement): string {
  return valueOf(option, "value") ?? valueOf(option, "alias") ?? "";
}

/** Return how deep an option stands inside others of its kind. */
export function depthOf(option: XmlElement): number {
  const { parent } = option;
  return parent?.name === option.name ? depthOf(parent) + 1 : 0;
}

/** Return the options beside this one that it can change places with. */
export function siblingsOf(option: XmlElement): XmlElement[] {
  return (option.parent?.children ?? []).filter((element) => element.name === option.name);
}

/** Return the edits that add one label for each line which is not there yet, and how many these are. */
export function addOptions(text: string, card: Card, lines: string): { edits: TextEdit[]; added: number; known: number } {
  const present = new Set(card.options.map(nameOf));
  const wanted = lines.split("\n").map((line) => line.trim()).filter(Boolean);
  const names = [...new Set(wanted)].filter((name) => !present.has(name));
  const edits = appendChildren(text, card.element, writeOptions(card, names));
  return { edits, added: names.length, known: wanted.length - names.length };
}

/** New labels are coloured when the others are. */
function writeOptions(card: Card, names: string[]): string[] {
  const used = card.options.flatMap((option) => valueOf(option, "background") ?? []);
  const isColored = card.optionTag === "Label" && (used.length > 0 || !card.options.length);
  const colors = isColored ? nextColors(used, names.length) : [];
  return names.map((name, index) => {
    const color = colors[index] ? ` background="${colors[index]}"` : "";
    return `<${card.optionTag} value="${escapeAttribute(name)}"${color}/>`;
  });
}

/** Whether an option of a tag is on. */
export function isOn(element: XmlElement, tick: Tick): boolean {
  const value = valueOf(element, tick.attribute)?.toLowerCase();
  return value === undefined ? tick.isOnByDefault : value === tick.on;
}

/** Return the edits that tick an option or take the tick away; what is the default is not written. */
export function setTick(text: string, element: XmlElement, tick: Tick, isTicked: boolean): TextEdit[] {
  const isDefault = isTicked === tick.isOnByDefault;
  return setAttribute(text, element, tick.attribute, isDefault ? null : isTicked ? tick.on : tick.off);
}

/** Rename a label where its name is written: in `value`, else in `alias`. */
export function rename(text: string, option: XmlElement, name: string): TextEdit[] {
  const attribute = attributeOf(option, "value") ? "value" : attributeOf(option, "alias") ? "alias" : "value";
  return setAttribute(text, option, attribute, name);
}
