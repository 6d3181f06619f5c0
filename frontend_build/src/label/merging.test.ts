import { describe, expect, it } from "vitest";

import { merge, merged } from "./merging";
import type { ResultItem } from "./protocol";

const NONE = new Set<string>();

function span(id: string, label: string): ResultItem {
  return { id, from_name: "ner", to_name: "text", type: "labels", value: { start: 0, end: 4, labels: [label] } };
}

function choice(id: string, answer: string): ResultItem {
  return { id, from_name: "mood", to_name: "text", type: "choices", value: { choices: [answer] } };
}

describe("merging two answers", () => {
  it("takes what each added", () => {
    const found = merge([span("a", "X"), span("m", "X")], [span("a", "X"), span("t", "Y")], [span("a", "X")]);
    expect(found.conflicts).toEqual([]);
    expect(merged(found, NONE)).toEqual([span("a", "X"), span("t", "Y"), span("m", "X")]);
  });

  it("takes the change of whoever changed a region, and leaves out what either deleted", () => {
    const base = [span("a", "X"), span("b", "X"), span("c", "X")];
    const found = merge([span("a", "Mine"), span("b", "X")], [span("a", "X"), span("b", "X"), span("c", "X")], base);
    expect(found.conflicts).toEqual([]);
    expect(merged(found, NONE)).toEqual([span("a", "Mine"), span("b", "X")]);
  });

  it("asks about a region that both changed, and keeps mine unless told otherwise", () => {
    const found = merge([span("a", "Mine")], [span("a", "Theirs")], [span("a", "X")]);
    expect(found.conflicts).toEqual(["region a"]);
    expect(merged(found, NONE)).toEqual([span("a", "Mine")]);
    expect(merged(found, new Set(["region a"]))).toEqual([span("a", "Theirs")]);
  });

  it("holds one answer a control, whatever the ids of its items are", () => {
    const found = merge([choice("1", "Sad")], [choice("2", "Glad")], []);
    expect(found.conflicts).toEqual(["control mood"]);
    expect(merged(found, NONE)).toEqual([choice("1", "Sad")]);
  });

  it("keeps what is asked of a region with the region", () => {
    const mine = [span("a", "X"), choice("a", "Sad"), span("b", "X"), choice("b", "Glad")];
    const found = merge(mine, [span("a", "X"), choice("a", "Sad")], [span("a", "X"), choice("a", "Sad")]);
    expect(merged(found, NONE)).toEqual(mine);
  });

  it("counts the order of keys as no change, which a database may have changed", () => {
    const reordered = Object.fromEntries(Object.entries(span("a", "X")).reverse());
    expect(merge([span("a", "Mine")], [reordered], [span("a", "X")]).conflicts).toEqual([]);
  });

  it("drops a relation whose region the other deleted", () => {
    const relation = { type: "relation", from_id: "a", to_id: "b", direction: "right" };
    const base = [span("a", "X"), span("b", "X")];
    const found = merge([...base, relation], [span("a", "X")], base);
    expect(merged(found, NONE)).toEqual([span("a", "X")]);
  });

  it("asks about everything that differs when nobody knows what both started from", () => {
    expect(merge([span("a", "Mine")], [span("a", "Theirs"), span("t", "Y")], null).conflicts).toEqual(["region a"]);
  });
});
