import { describe, expect, it } from "vitest";

import { labelQuery, wireOrdering, withSearch } from "./chosen";
import type { State } from "./types";

const state: State = {
  search: "harbour",
  filters: { conjunction: "or", items: [{ filter: "filter:tasks:id", operator: "less", type: "Number", value: 9 }] },
  ordering: ["-data.stars", "id"],
  columns: [],
  widths: {},
  layout: "table",
  page_size: 50,
};

describe("chosen tasks", () => {
  it("pass the filters and the search, in the order of the page", () => {
    const parameters = new URLSearchParams(labelQuery(state, { all: true, excluded: [4] }));
    expect(JSON.parse(parameters.get("query") ?? "")).toEqual({
      filters: withSearch(state),
      ordering: ["-tasks:data.stars", "tasks:id"],
      selectedItems: { all: true, excluded: [4] },
    });
    expect(wireOrdering(state)).toEqual(["-tasks:data.stars", "tasks:id"]);
    expect(withSearch({ ...state, search: "" })).toBe(state.filters);
  });

  it("that are named one by one are meant whether or not they pass the filters later", () => {
    const parameters = new URLSearchParams(labelQuery(state, { all: false, included: [4, 5] }));
    expect(JSON.parse(parameters.get("query") ?? "")).not.toHaveProperty("filters");
  });

  it("are no more than an address holds", () => {
    const included = Array.from({ length: 2_000 }, (_, place) => 1_000_000 + place);
    expect(labelQuery(state, { all: false, included })).toBeUndefined();
  });
});
