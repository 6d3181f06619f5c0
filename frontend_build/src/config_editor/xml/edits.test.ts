import { describe, expect, it } from "vitest";

import { attributeOf, everyElement, readElements, unescapeXml, valueOf, type XmlElement } from "./document";
import { appendChildren, applyEdits, removeElement, setAttribute, swapElements } from "./edits";

const CONFIG = `<View>
  <Text name="text" value="$text"/>
  <Labels name="entity" toName="text">
    <!-- people first -->
    <Label value="Person"   background='red'/>
    <Label value="Place"/> <!-- a city, too -->
  </Labels>
  <Choices name="mood" toName="text"/>
</View>`;

function find(text: string, name: string, value?: string): XmlElement {
  const found = everyElement(readElements(text)).find(
    (element) => element.name === name && (value === undefined || valueOf(element, "value") === value),
  );
  if (!found) {
    throw new Error(`There is no <${name}> in the test's config.`);
  }
  return found;
}

describe("setAttribute", () => {
  it("changes only the value, within its own quotes", () => {
    const edits = setAttribute(CONFIG, find(CONFIG, "Label", "Person"), "background", `it's "blue"`);
    expect(applyEdits(CONFIG, edits)).toBe(CONFIG.replace("'red'", `'it&apos;s "blue"'`));
  });

  it("adds a missing attribute behind the others, escaped", () => {
    const edits = setAttribute(CONFIG, find(CONFIG, "Label", "Place"), "alias", 'a < b & "c"\nd');
    expect(applyEdits(CONFIG, edits)).toContain('<Label value="Place" alias="a &lt; b &amp; &quot;c&quot;&#10;d"/>');
  });

  it("takes an attribute away with the space before it", () => {
    const edits = setAttribute(CONFIG, find(CONFIG, "Label", "Person"), "background", null);
    expect(applyEdits(CONFIG, edits)).toBe(CONFIG.replace(`   background='red'`, ""));
  });

  it("finds an attribute in another case and does nothing for the same value", () => {
    const text = '<Choices showInline="true"/>';
    const element = find(text, "Choices");
    expect(attributeOf(element, "showinline")?.value).toBe("true");
    expect(setAttribute(text, element, "showInLine", "true")).toEqual([]);
  });
});

describe("appendChildren", () => {
  it("puts new lines behind the last child, indented like it", () => {
    const edits = appendChildren(CONFIG, find(CONFIG, "Labels"), ['<Label value="Date"/>', '<Label value="Sum"/>']);
    expect(applyEdits(CONFIG, edits)).toContain(
      '    <Label value="Place"/>\n    <Label value="Date"/>\n    <Label value="Sum"/> <!-- a city, too -->\n  </Labels>',
    );
  });

  it("opens a tag that closed itself", () => {
    const edits = appendChildren(CONFIG, find(CONFIG, "Choices"), ['<Choice value="Good"/>']);
    expect(applyEdits(CONFIG, edits)).toContain(
      '  <Choices name="mood" toName="text">\n    <Choice value="Good"/>\n  </Choices>\n</View>',
    );
  });

  it("keeps a comment inside an element without children", () => {
    const text = "<View>\n  <Choices>\n    <!-- none yet -->\n  </Choices>\n</View>";
    expect(applyEdits(text, appendChildren(text, find(text, "Choices"), ["<Choice value='a'/>"]))).toBe(
      "<View>\n  <Choices>\n    <!-- none yet -->\n    <Choice value='a'/>\n  </Choices>\n</View>",
    );
  });

  it("stays on the line when the others stand there", () => {
    const text = "<Labels><Label value='a'/></Labels>";
    expect(applyEdits(text, appendChildren(text, find(text, "Labels"), ["<Label value='b'/>"]))).toBe(
      "<Labels><Label value='a'/><Label value='b'/></Labels>",
    );
  });
});

describe("removeElement", () => {
  it("takes the line away when nothing else is on it", () => {
    const edits = removeElement(CONFIG, find(CONFIG, "Label", "Person"));
    expect(applyEdits(CONFIG, edits)).toBe(CONFIG.replace(`\n    <Label value="Person"   background='red'/>`, ""));
  });

  it("leaves a comment on the same line", () => {
    const edits = removeElement(CONFIG, find(CONFIG, "Label", "Place"));
    expect(applyEdits(CONFIG, edits)).toBe(CONFIG.replace('<Label value="Place"/>', ""));
  });
});

describe("swapElements", () => {
  it("lets two elements change places and leaves comments where they are", () => {
    const edits = swapElements(CONFIG, find(CONFIG, "Label", "Place"), find(CONFIG, "Label", "Person"));
    expect(applyEdits(CONFIG, edits)).toContain(
      `<!-- people first -->\n    <Label value="Place"/>\n    <Label value="Person"   background='red'/> <!-- a city, too -->`,
    );
  });
});

describe("readElements", () => {
  it("reads on behind what is broken", () => {
    const names = everyElement(readElements('<View><Text name= value="$t"/><Choices name="c" toName="t">')).map(
      (element) => element.name,
    );
    expect(names).toEqual(["View", "Text", "Choices"]);
  });

  it("resolves entities, but not those that XML does not have", () => {
    expect(unescapeXml("&lt;&#65;&#x42;&amp;amp;&nbsp;&#x110000;")).toBe("<AB&amp;&nbsp;&#x110000;");
  });
});
