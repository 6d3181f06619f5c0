/** Edits of a labeling config that touch only what they change: comments and layout stay as they were written. */
import { attributeOf, escapeAttribute, type TextEdit, type XmlElement } from "./document";

const INDENT = "  ";

/** Give an attribute a value, or take it away with null. */
export function setAttribute(text: string, element: XmlElement, name: string, value: string | null): TextEdit[] {
  const present = attributeOf(element, name);
  if (value === null) {
    return present ? [{ from: skipSpaceBefore(text, present.from), to: present.to, insert: "" }] : [];
  }
  if (present) {
    const quote = text[present.valueFrom - 1];
    return present.value === value
      ? []
      : [{ from: present.valueFrom, to: present.valueTo, insert: escapeAttribute(value, quote) }];
  }
  const at = element.attributes.at(-1)?.to ?? element.nameTo;
  return [{ from: at, to: at, insert: ` ${name}="${escapeAttribute(value)}"` }];
}

/** Put new elements, written as XML, behind the last child of an element. */
export function appendChildren(text: string, parent: XmlElement, children: string[]): TextEdit[] {
  if (!children.length) {
    return [];
  }
  const last = parent.children.at(-1);
  if (!last) {
    return firstChildren(text, parent, children);
  }
  const indent = indentOf(text, last.from);
  const separator = indent === null ? "" : `\n${indent}`;
  return [{ from: last.to, to: last.to, insert: children.map((child) => separator + child).join("") }];
}

function firstChildren(text: string, parent: XmlElement, children: string[]): TextEdit[] {
  const outer = indentOf(text, parent.from) ?? "";
  const lines = children.map((child) => `\n${outer}${INDENT}${child}`).join("");
  if (parent.isSelfClosing) {
    const from = skipSpaceBefore(text, parent.openTo - 2);
    return [{ from, to: parent.openTo, insert: `>${lines}\n${outer}</${parent.name}>` }];
  }
  const inside = text.slice(parent.openTo, parent.closeFrom);
  const from = parent.openTo + inside.trimEnd().length;
  return [{ from, to: parent.closeFrom, insert: `${lines}\n${outer}` }];
}

/** Take an element away, with its line when it stands alone on it. */
export function removeElement(text: string, element: XmlElement): TextEdit[] {
  const lineEnd = endOfLine(text, element.to);
  if (indentOf(text, element.from) !== null && !text.slice(element.to, lineEnd).trim()) {
    const lineStart = startOfLine(text, element.from);
    return lineStart > 0
      ? [{ from: lineStart - 1, to: lineEnd, insert: "" }]
      : [{ from: lineStart, to: Math.min(lineEnd + 1, text.length), insert: "" }];
  }
  return [{ from: element.from, to: element.to, insert: "" }];
}

/** Let two elements that do not contain each other change places; what stands between them stays. */
export function swapElements(text: string, one: XmlElement, other: XmlElement): TextEdit[] {
  const [first, second] = one.from < other.from ? [one, other] : [other, one];
  return [
    { from: first.from, to: first.to, insert: text.slice(second.from, second.to) },
    { from: second.from, to: second.to, insert: text.slice(first.from, first.to) },
  ];
}

/** Return the text after edits that do not overlap. */
export function applyEdits(text: string, edits: TextEdit[]): string {
  return edits
    .toSorted((one, other) => other.from - one.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.insert + result.slice(edit.to), text);
}

/** The white space before `position` on its line; null when something else stands there. */
function indentOf(text: string, position: number): string | null {
  const before = text.slice(startOfLine(text, position), position);
  return before.trim() ? null : before;
}

function startOfLine(text: string, position: number): number {
  return text.lastIndexOf("\n", position - 1) + 1;
}

function endOfLine(text: string, position: number): number {
  const end = text.indexOf("\n", position);
  return end < 0 ? text.length : end;
}

function skipSpaceBefore(text: string, position: number): number {
  return text.slice(0, position).trimEnd().length;
}
