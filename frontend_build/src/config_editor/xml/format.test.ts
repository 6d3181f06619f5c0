import { describe, expect, it } from "vitest";

import { everyElement, readElements } from "./document";
import { format } from "./format";

const UNTIDY = `<View><!-- why
     this -->
      <Text name="text"   value='$text'/>


  <Choices name="mood" toName="text"><Choice value="A &amp; B"/><Choice value="&lt;C&gt;" /></Choices>
<Style>
.lsf-main { color: red;
   top: 0 }
</Style><Header value="Long"  style="${"x".repeat(60)}" hint="${"y".repeat(40)}"/></View>`;

const TIDY = `<View>
  <!-- why
       this -->
  <Text name="text" value='$text'/>

  <Choices name="mood" toName="text">
    <Choice value="A &amp; B"/>
    <Choice value="&lt;C&gt;"/>
  </Choices>
  <Style>
    .lsf-main { color: red;
       top: 0 }
  </Style>
  <Header value="Long"
          style="${"x".repeat(60)}"
          hint="${"y".repeat(40)}"/>
</View>
`;

function shape(text: string): unknown {
  return everyElement(readElements(text)).map(({ name, attributes, parent }) => [
    name,
    parent?.name,
    attributes.map((attribute) => [attribute.name, attribute.value]),
  ]);
}

describe("format", () => {
  it("puts one element on a line, and wraps long opening tags", () => {
    expect(format("<View><Text name='a' value='$a'/></View>")).toBe("<View>\n  <Text name='a' value='$a'/>\n</View>\n");
    expect(format(UNTIDY)).toBe(TIDY);
  });

  it("changes no element and no attribute", () => {
    expect(shape(TIDY)).toEqual(shape(UNTIDY));
  });

  it("leaves a laid out config as it is", () => {
    expect(format(TIDY)).toBe(TIDY);
  });

  it("keeps comments, processing instructions and CDATA", () => {
    const text = '<?xml version="1.0"?>\n<!-- top -->\n<View>\n  <Style><![CDATA[ a > b ]]></Style>\n</View>\n<!-- end -->';
    expect(format(text)).toBe(
      '<?xml version="1.0"?>\n<!-- top -->\n<View>\n  <Style>\n    <![CDATA[ a > b ]]>\n  </Style>\n</View>\n<!-- end -->\n',
    );
  });

  it("keeps texts beside elements together with their entities", () => {
    expect(format("<View>one &amp; two<Text name='t' value='$t'/></View>")).toBe(
      "<View>\n  one &amp; two\n  <Text name='t' value='$t'/>\n</View>\n",
    );
  });

  it.each(["<View>", "<View></Vew>", "<View><Text name=/></View>", "<View/><View/>", ""])(
    "leaves the broken config %j alone",
    (text) => {
      expect(format(text)).toBeNull();
    },
  );
});
