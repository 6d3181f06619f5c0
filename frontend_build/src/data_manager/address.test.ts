import { describe, expect, it } from "vitest";

import { isSame, queryString } from "./address";
import type { State } from "./types";

const base: State = {
  search: "",
  filters: { conjunction: "and", items: [] },
  ordering: [],
  columns: ["data.text", "state"],
  widths: {},
  layout: "table",
  page_size: 50,
};
const rule = { filter: "filter:tasks:data.text", operator: "contains", type: "String", value: "a&b" };

describe("the address of a state", () => {
  it("is empty for what a new page shows", () => {
    expect(queryString(base, { base, tab: null })).toBe("?");
  });

  it("holds only what differs, in the order the server writes it", () => {
    const state: State = {
      ...base,
      search: "x y",
      filters: { conjunction: "and", items: [rule] },
      ordering: ["-data.text", "id"],
      columns: ["state"],
      widths: { state: 200 },
      layout: "grid",
      page_size: 100,
    };
    const parameters = new URLSearchParams(queryString(state, { base, tab: 7 }, 3));
    expect([...parameters.keys()]).toEqual(["tab", "q", "filters", "ordering", "ordering", "columns", "widths", "layout", "page_size", "page"]);
    expect(JSON.parse(parameters.get("filters") ?? "")).toEqual(state.filters);
    expect(parameters.getAll("ordering")).toEqual(["-data.text", "id"]);
  });

  it("takes away what the tab keeps by an empty parameter", () => {
    const kept: State = { ...base, search: "x", filters: { conjunction: "or", items: [rule] }, ordering: ["id"] };
    const shown: State = { ...kept, search: "", filters: { conjunction: "and", items: [] }, ordering: [] };
    expect(queryString(shown, { base: kept, tab: 1 })).toBe("?tab=1&q=&filters=&ordering=");
  });

  it("does not depend on the order of keys", () => {
    expect(isSame({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
    expect(isSame(["a", "b"], ["b", "a"])).toBe(false);
  });
});
