import { describe, expect, it } from "vitest";

import { Selection } from "./selection";

const page = [11, 12, 13, 14, 15];

describe("a selection", () => {
  it("counts and lists single tasks, over several pages", () => {
    const selection = new Selection();
    selection.toggle(12);
    selection.setEach([21, 20], true);
    selection.toggle(20);
    expect(selection.count(100)).toBe(2);
    expect(selection.document()).toEqual({ all: false, included: [12, 21] });
  });

  it("takes ranges in either direction, both ends included", () => {
    const selection = new Selection();
    selection.setRange(page, 14, 12, true);
    expect(selection.document()).toEqual({ all: false, included: [12, 13, 14] });
    selection.setRange(page, 13, 15, false);
    expect(selection.document()).toEqual({ all: false, included: [12] });
  });

  it("takes the one task when the range began on another page", () => {
    const selection = new Selection();
    selection.setRange(page, 99, 12, true);
    expect(selection.document()).toEqual({ all: false, included: [12] });
  });

  it("remembers which of all matching tasks are left out", () => {
    const selection = new Selection();
    selection.selectAll();
    selection.toggle(13);
    selection.setEach([11, 12], false);
    selection.toggle(12);
    expect(selection.has(13)).toBe(false);
    expect(selection.has(9_999)).toBe(true);
    expect(selection.count(12_345)).toBe(12_343);
    expect(selection.document()).toEqual({ all: true, excluded: [11, 13] });
  });

  it("comes back from what was kept of it", () => {
    const kept = new Selection();
    kept.selectAll();
    kept.toggle(4);
    const again = new Selection();
    again.restore(kept.document());
    expect([again.has(4), again.has(5), again.count(10)]).toEqual([false, true, 9]);
    again.clear();
    expect(again.document()).toEqual({ all: false, included: [] });
  });
});
