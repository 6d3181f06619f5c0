/** A labeling config as elements that know where they stand in the text, so that edits can keep all the rest. */
import { xmlLanguage } from "@codemirror/lang-xml";
import type { SyntaxNode } from "@lezer/common";

export interface XmlAttribute {
  name: string;
  /** The value with its entities resolved. */
  value: string;
  from: number;
  to: number;
  /** Where the written value stands, without its quotes. */
  valueFrom: number;
  valueTo: number;
}

export interface XmlElement {
  name: string;
  from: number;
  to: number;
  nameTo: number;
  /** The end of the opening tag. */
  openTo: number;
  /** The start of the closing tag; equal to `openTo` when there is none. */
  closeFrom: number;
  isSelfClosing: boolean;
  attributes: XmlAttribute[];
  children: XmlElement[];
  parent: XmlElement | null;
}

/** A change of the text, in positions of the text before it. */
export interface TextEdit {
  from: number;
  to: number;
  insert: string;
}

/** Return the outermost elements; what is broken is left out as far as needed. */
export function readElements(text: string): XmlElement[] {
  return childElements(xmlLanguage.parser.parse(text).topNode, text, null);
}

/** Return whether the text is well-formed as far as its structure goes. */
export function isWellFormed(text: string): boolean {
  let isWhole = true;
  let roots = 0;
  xmlLanguage.parser.parse(text).iterate({
    enter(node) {
      isWhole &&= !node.type.isError && !/^(Missing|Mismatched)CloseTag$/.test(node.name);
      roots += Number(node.name === "Element" && node.node.parent?.name === "Document");
    },
  });
  return isWhole && roots === 1;
}

/** Return `roots` and everything inside them, in the order of the text. */
export function everyElement(roots: XmlElement[]): XmlElement[] {
  return roots.flatMap((element) => [element, ...everyElement(element.children)]);
}

/** Return an attribute; the editor reads names without regard to case. */
export function attributeOf(element: XmlElement, name: string): XmlAttribute | undefined {
  return element.attributes.find((attribute) => attribute.name.toLowerCase() === name.toLowerCase());
}

/** Return an attribute's value. */
export function valueOf(element: XmlElement, name: string): string | undefined {
  return attributeOf(element, name)?.value;
}

function childElements(node: SyntaxNode, text: string, parent: XmlElement | null): XmlElement[] {
  return node.getChildren("Element").flatMap((child) => readElement(child, text, parent) ?? []);
}

function readElement(node: SyntaxNode, text: string, parent: XmlElement | null): XmlElement | null {
  const open = node.getChild("OpenTag") ?? node.getChild("SelfClosingTag");
  const name = open?.getChild("TagName");
  if (!open || !name) {
    return null;
  }
  const element: XmlElement = {
    name: text.slice(name.from, name.to),
    from: node.from,
    to: node.to,
    nameTo: name.to,
    openTo: open.to,
    closeFrom: node.getChild("CloseTag")?.from ?? open.to,
    isSelfClosing: open.name === "SelfClosingTag",
    attributes: open.getChildren("Attribute").flatMap((attribute) => readAttribute(attribute, text) ?? []),
    children: [],
    parent,
  };
  element.children = childElements(node, text, element);
  return element;
}

function readAttribute(node: SyntaxNode, text: string): XmlAttribute | null {
  const name = node.getChild("AttributeName");
  const value = node.getChild("AttributeValue");
  if (!name || !value) {
    return null;
  }
  return {
    name: text.slice(name.from, name.to),
    value: unescapeXml(text.slice(value.from + 1, value.to - 1)),
    from: node.from,
    to: value.to,
    valueFrom: value.from + 1,
    valueTo: value.to - 1,
  };
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Resolve the entities of XML; others stay as they are. */
export function unescapeXml(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (name.startsWith("#")) {
      const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    }
    return ENTITIES[name] ?? whole;
  });
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;" };

/** Write a text so that it can stand inside the quotes of an attribute. */
export function escapeAttribute(text: string, quote = '"'): string {
  return text.replace(quote === '"' ? /[&<"\n]/g : /[&<'\n]/g, (character) => ESCAPES[character] ?? character);
}
