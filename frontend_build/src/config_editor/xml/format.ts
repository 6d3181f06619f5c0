/** Lays a labeling config out: one element a line, two spaces a level; comments and texts stay. */
import { xmlLanguage } from "@codemirror/lang-xml";
import type { SyntaxNode } from "@lezer/common";

import { isWellFormed } from "./document";

const INDENT = "  ";
const MAX_WIDTH = 110;

/** Return the config laid out; null when it is not well-formed and must not be moved about. */
export function format(text: string): string | null {
  if (!isWellFormed(text)) {
    return null;
  }
  return `${formatInside(xmlLanguage.parser.parse(text).topNode, text, 0).join("\n")}\n`;
}

function formatInside(parent: SyntaxNode, text: string, depth: number): string[] {
  const lines: string[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (isCharacters(node)) {
      const from = node.from;
      while (node.nextSibling && isCharacters(node.nextSibling)) {
        node = node.nextSibling;
      }
      lines.push(...formatText(text.slice(from, node.to), depth));
    } else {
      lines.push(...formatNode(node, text, depth));
    }
  }
  return withoutEmptyEdges(lines);
}

function isCharacters(node: SyntaxNode): boolean {
  return ["Text", "EntityReference", "CharacterReference"].includes(node.name);
}

function formatNode(node: SyntaxNode, text: string, depth: number): string[] {
  if (node.name === "OpenTag" || node.name === "CloseTag") {
    return [];
  }
  if (node.name === "Element") {
    return formatElement(node, text, depth);
  }
  const lineStart = text.lastIndexOf("\n", node.from - 1) + 1;
  return reindent(text.slice(node.from, node.to).split("\n"), indentOf(text.slice(lineStart)), depth);
}

/** Texts keep their words; of several empty lines between elements one stays. */
function formatText(source: string, depth: number): string[] {
  if (!source.trim()) {
    return (source.match(/\n/g)?.length ?? 0) > 1 ? [""] : [];
  }
  const lines = withoutEmptyEdges(source.split("\n"));
  const isOnLineOfTag = lines[0] === source.split("\n")[0];
  const deciding = isOnLineOfTag ? lines.slice(1) : lines;
  const margins = deciding.filter((line) => line.trim()).map(indentOf);
  return reindent(lines, margins.length ? Math.min(...margins) : 0, depth);
}

function formatElement(node: SyntaxNode, text: string, depth: number): string[] {
  const open = node.firstChild;
  if (!open) {
    return [];
  }
  const opening = formatOpening(open, text, depth);
  if (open.name === "SelfClosingTag") {
    return opening;
  }
  const closing = `</${nameOf(open, text)}>`;
  if (!hasStructure(node)) {
    return closeAround(opening, text.slice(open.to, node.lastChild?.from ?? node.to), closing, depth);
  }
  return [...opening, ...formatInside(node, text, depth + 1), indented(closing, depth)];
}

/** An element that holds only text stays on one line when the text does. */
function closeAround(opening: string[], inside: string, closing: string, depth: number): string[] {
  const content = inside.trim();
  if (!content.includes("\n")) {
    return [...opening.slice(0, -1), `${opening.at(-1) ?? ""}${content}${closing}`];
  }
  return [...opening, ...formatText(inside, depth + 1), indented(closing, depth)];
}

function hasStructure(node: SyntaxNode): boolean {
  return ["Element", "Comment", "Cdata", "ProcessingInst"].some((name) => node.getChild(name));
}

function formatOpening(tag: SyntaxNode, text: string, depth: number): string[] {
  const end = tag.name === "SelfClosingTag" ? "/>" : ">";
  const attributes = tag.getChildren("Attribute").map((attribute) => writeAttribute(attribute, text));
  const line = indented([`<${nameOf(tag, text)}`, ...attributes].join(" ") + end, depth);
  if (line.length <= MAX_WIDTH || attributes.length < 2) {
    return [line];
  }
  const start = indented(`<${nameOf(tag, text)} `, depth);
  return attributes.map((attribute, index) => {
    const before = index === 0 ? start : " ".repeat(start.length);
    return before + attribute + (index === attributes.length - 1 ? end : "");
  });
}

function writeAttribute(attribute: SyntaxNode, text: string): string {
  const name = attribute.getChild("AttributeName");
  const value = attribute.getChild("AttributeValue");
  return name && value
    ? `${text.slice(name.from, name.to)}=${text.slice(value.from, value.to)}`
    : text.slice(attribute.from, attribute.to).trim();
}

function nameOf(tag: SyntaxNode, text: string): string {
  const name = tag.getChild("TagName");
  return name ? text.slice(name.from, name.to) : "";
}

/** Move a block of lines from a column to a level; the first line starts there, the others keep their distance. */
function reindent(lines: string[], column: number, depth: number): string[] {
  const shift = INDENT.length * depth - column;
  return lines.map((line, index) => {
    const width = index === 0 ? INDENT.length * depth : Math.max(0, indentOf(line) + shift);
    return line.trim() ? " ".repeat(width) + line.trim() : "";
  });
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function withoutEmptyEdges(lines: string[]): string[] {
  const first = lines.findIndex((line) => line.trim());
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line.trim()) + 1);
}

function indented(line: string, depth: number): string {
  return line ? INDENT.repeat(depth) + line : "";
}
