import { describe, expect, it } from "vitest";

import { applyEdits } from "../xml/edits";
import { addOptions, cardsOf, depthOf, isOn, nameOf, rename, setTick, siblingsOf, type Card } from "./model";
import { usualOptions, type Tick } from "./usual_options";

const CONFIG = `<View>
  <Image name="photo" value="$photo"/>
  <Taxonomy name="kind" toName="photo">
    <Choice value="Animal">
      <Choice value="Cat"/>
      <Choice value="Dog"/>
    </Choice>
    <Choice value="Plant"/>
  </Taxonomy>
  <RectangleLabels name="box" toName="photo">
    <Label value="Eye" alias="e" background="#1f77b4"/>
  </RectangleLabels>
</View>`;

function card(name: string, text = CONFIG): Card {
  const found = cardsOf(text).find(({ element }) => element.name === name);
  if (!found) {
    throw new Error(`There is no card for <${name}>.`);
  }
  return found;
}

function tickOf(tag: string, attribute: string): Tick {
  const found = usualOptions(tag).ticks.find((tick) => tick.attribute === attribute);
  if (!found) {
    throw new Error(`<${tag}> has no tick ${attribute}.`);
  }
  return found;
}

describe("cardsOf", () => {
  it("shows what has labels or choices first, then objects", () => {
    expect(cardsOf(CONFIG).map(({ element }) => element.name)).toEqual(["Taxonomy", "RectangleLabels", "Image"]);
  });

  it("lists nested choices with their depth and their own siblings", () => {
    const { options } = card("Taxonomy");
    expect(options.map((option) => [nameOf(option), depthOf(option)])).toEqual([
      ["Animal", 0], ["Cat", 1], ["Dog", 1], ["Plant", 0],
    ]);
    expect(options.slice(1, 2).flatMap(siblingsOf).map(nameOf)).toEqual(["Cat", "Dog"]);
  });
});

describe("addOptions", () => {
  it("adds each new line once, in colours that are not used yet", () => {
    const { edits, added, known } = addOptions(CONFIG, card("RectangleLabels"), " Nose \n\nEye\nNose\nEar\n");
    expect([added, known]).toEqual([2, 2]);
    expect(applyEdits(CONFIG, edits)).toContain(
      `background="#1f77b4"/>\n    <Label value="Nose" background="#ff7f0e"/>\n    <Label value="Ear" background="#2ca02c"/>\n`,
    );
  });

  it("does nothing for what is there already", () => {
    expect(addOptions(CONFIG, card("Taxonomy"), "Cat\n")).toEqual({ edits: [], added: 0, known: 1 });
  });
});

describe("ticks", () => {
  it("are not written where they are the editor's default", () => {
    const off = applyEdits(CONFIG, setTick(CONFIG, card("Image").element, tickOf("Image", "zoomControl"), false));
    expect(off).toContain('<Image name="photo" value="$photo" zoomControl="false"/>');
    expect(isOn(card("Image", off).element, tickOf("Image", "zoomControl"))).toBe(false);
    expect(applyEdits(off, setTick(off, card("Image", off).element, tickOf("Image", "zoomControl"), true))).toBe(CONFIG);
  });
});

describe("rename", () => {
  it("changes the name that is shown and leaves the alias, which results hold", () => {
    const [eye] = card("RectangleLabels").options;
    expect(eye && applyEdits(CONFIG, rename(CONFIG, eye, "Left eye"))).toContain('<Label value="Left eye" alias="e"');
  });
});
