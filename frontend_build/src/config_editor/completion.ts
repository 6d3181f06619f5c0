/** What the code editor offers: tags, attributes and their values, names of objects, and keys of the data. */
import type { CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { xml, xmlLanguage, type AttrSpec, type ElementSpec } from "@codemirror/lang-xml";
import { syntaxTree } from "@codemirror/language";
import type { EditorState, Extension } from "@codemirror/state";

import type { AttributeDocument, TagDocument, TagRegistry } from "./registry";
import { everyElement, readElements, valueOf } from "./xml/document";

/** Return the XML language with completion from the registry. */
export function labelingXml(registry: TagRegistry, dataKeys: () => string[]): Extension {
  const tags = Object.entries(registry.tags).filter(([, tag]) => !tag.broken);
  return [
    xml({ elements: tags.map(([name, tag]) => elementOf(name, tag)), autoCloseTags: true }),
    xmlLanguage.data.of({ autocomplete: valuesOfThisConfig(registry, dataKeys) }),
  ];
}

function elementOf(name: string, tag: TagDocument): ElementSpec {
  return {
    name,
    top: name === "View",
    attributes: Object.entries(tag.attributes).map(([attribute, about]) => attributeOf(attribute, about)),
    ...(tag.contains.length ? { children: tag.contains } : {}),
    completion: { info: tag.about },
  };
}

function attributeOf(name: string, attribute: AttributeDocument): AttrSpec {
  const values = attribute.type === "flag" ? ["true", "false"] : attribute.values;
  return { name, ...(values.length ? { values } : {}), completion: { info: attribute.about, boost: attribute.required ? 1 : 0 } };
}

/** Values that only this config knows: `toName` names an object in it, `value` of an object a key of the data. */
function valuesOfThisConfig(registry: TagRegistry, dataKeys: () => string[]): CompletionSource {
  const objects = new Set(Object.keys(registry.tags).filter((name) => registry.tags[name]?.kind === "object"));
  return (context: CompletionContext): CompletionResult | null => {
    const place = attributeAt(context);
    if (!place) {
      return null;
    }
    if (place.attribute === "toname") {
      return offer(place.from, namesOfObjects(context.state, objects), "variable");
    }
    if (place.attribute === "value" && objects.has(place.tag)) {
      return offer(place.from, dataKeys().map((key) => `$${key}`), "property");
    }
    return null;
  };
}

function attributeAt(context: CompletionContext): { tag: string; attribute: string; from: number } | null {
  const value = syntaxTree(context.state).resolveInner(context.pos, -1);
  const attribute = value.name === "AttributeValue" ? value.parent : null;
  const name = attribute?.getChild("AttributeName");
  const tag = attribute?.parent?.getChild("TagName");
  if (!name || !tag || context.pos <= value.from) {
    return null;
  }
  return {
    tag: context.state.sliceDoc(tag.from, tag.to),
    attribute: context.state.sliceDoc(name.from, name.to).toLowerCase(),
    from: value.from + 1,
  };
}

function namesOfObjects(state: EditorState, objects: Set<string>): string[] {
  return everyElement(readElements(state.doc.toString()))
    .filter((element) => objects.has(element.name))
    .flatMap((element) => valueOf(element, "name") ?? []);
}

function offer(from: number, labels: string[], type: string): CompletionResult {
  return { from, options: labels.map((label) => ({ label, type })), validFor: /^[^"'<]*$/ };
}
