import { describe, expect, it } from "vitest";

import type { EditorRegion, EditorStore } from "./editor_library";
import type { FromEditor, ResultItem } from "./protocol";
import { Suggestions } from "./suggestions";

function region(id: string, type: string, text = ""): EditorRegion {
  return { cleanId: id, type, toString: () => text } as EditorRegion;
}

/** A store whose selected annotation has these regions, each with one result item. */
function storeWith(...regions: EditorRegion[]): EditorStore {
  const selected = {
    type: "annotation",
    regionStore: { regions },
    serializeAnnotation: () => regions.map(({ cleanId }) => ({ id: cleanId }) as unknown as ResultItem),
  };
  return { annotationStore: { selected }, loadSuggestions: () => undefined } as unknown as EditorStore;
}

/** The ids of what the model is asked about. */
function askedAfter(act: (suggestions: Suggestions) => void): unknown[] {
  const sent: FromEditor[] = [];
  act(new Suggestions((message) => sent.push(message)));
  return sent.map((message) => (message.type === "drawn" ? message.result.map((item) => item["id"]) : message.type));
}

describe("what a smart tool has finished", () => {
  const points = [region("p1", "keypointregion"), region("p2", "keypointregion")];
  const outline = region("gone", "", "RectRegionModel@/annotationStore/root");

  it("asks about all points together", () => {
    const asked = askedAfter((suggestions) => suggestions.finished(storeWith(...points), points[1]!, points));

    expect(asked).toEqual([["p1", "p2"]]);
  });

  it("asks about the box that was made of the dragged outline", () => {
    const boxes = [region("b1", "rectangleregion"), region("b2", "rectangleregion"), ...points];

    expect(askedAfter((suggestions) => suggestions.finished(storeWith(...boxes), outline, []))).toEqual([["b2"]]);
  });

  it("asks nobody when the last point is taken away", () => {
    const deleted = region("p1", "", "KeyPointRegionModel@/annotationStore");
    const store = storeWith(region("b1", "rectangleregion"));

    expect(askedAfter((suggestions) => suggestions.finished(store, deleted, []))).toEqual([]);
  });

  it("asks nobody without a box", () => {
    expect(askedAfter((suggestions) => suggestions.finished(storeWith(), outline, []))).toEqual([]);
  });
});
