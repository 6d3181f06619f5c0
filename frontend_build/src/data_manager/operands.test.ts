import { describe, expect, it } from "vitest";

import { kindOf, localMoment, offeredOperators, readOperand, shownOperand } from "./operands";
import type { Column } from "./types";

const column = (given: Partial<Column>): Column => ({
  id: "x", title: "X", help: "", type: "String", valueType: "String", isData: false, shownAs: "", operators: [],
  isOrderable: true, choices: null, ...given,
});
const data = column({ id: "data.x", isData: true });
const people = column({ type: "List", valueType: "Number", choices: [[5, "Ana"], [7, "Ben"]] });
const id = column({ type: "Number", valueType: "Number" });

describe("what a filter is compared with", () => {
  it("depends on the column's type and the operator", () => {
    expect(kindOf(data, "String", "not_contains")).toBe("text");
    expect(kindOf(data, "Number", "in")).toBe("numbers");
    expect(kindOf(data, "Datetime", "less")).toBe("moment");
    expect(kindOf(data, "Boolean", "equal")).toBe("boolean");
    expect(kindOf(people, "List", "contains")).toBe("choice");
    expect(kindOf(people, "List", "not_in_list")).toBe("choices");
    expect(kindOf(id, "Number", "in_list")).toBe("list");
    expect(kindOf(id, "Number", "empty")).toBe("boolean");
  });

  it("is read as the API takes it, choices as the values they stand for", () => {
    expect(readOperand("number", ["2.5"], id)).toBe(2.5);
    expect(readOperand("numbers", ["", "9"], id)).toEqual({ max: 9 });
    expect(readOperand("choice", ["7"], people)).toBe(7);
    expect(readOperand("choices", ["5", "7"], people)).toEqual([5, 7]);
    expect(readOperand("list", ["1\n 2 \n\n3"], id)).toEqual([1, 2, 3]);
    expect(readOperand("list", ["a\nb"], data)).toEqual(["a", "b"]);
    expect(readOperand("boolean", ["false"], id)).toBe(false);
    expect(readOperand("moment", ["2026-01-31T18:00"], id)).toBe(new Date(2026, 0, 31, 18).toISOString());
  });

  it("is missing while it is empty or wrong", () => {
    const missing = [
      readOperand("number", ["x"], id), readOperand("numbers", ["", ""], id), readOperand("text", [""], data),
      readOperand("list", ["1\nx"], id), readOperand("choices", [], people), readOperand("moment", ["soon"], id),
    ];
    expect(missing).toEqual(missing.map(() => undefined));
  });

  it("is shown again as it was written", () => {
    expect(shownOperand("numbers", { min: 3 })).toEqual(["3", ""]);
    expect(shownOperand("choices", [5, 7])).toEqual(["5", "7"]);
    expect(shownOperand("moment", new Date(2026, 0, 31, 18).toISOString())).toEqual(["2026-01-31T18:00"]);
    expect(localMoment("nonsense")).toBe("");
  });

  it("offers ranges only of what has an order", () => {
    expect(offeredOperators(["equal", "in", "not_in", "in_list"], data, "String")).toEqual(["equal", "in_list"]);
    expect(offeredOperators(["equal", "in"], id, "Number")).toEqual(["equal", "in"]);
  });

  it("offers nothing that says the same twice, and no order or part of what has a name", () => {
    const ofLists = ["contains", "not_contains", "equal", "not_equal", "in", "not_in", "in_list", "not_in_list", "empty"];
    const ofTexts = ["contains", "not_contains", "regex", "equal", "not_equal", "in", "not_in", "in_list", "empty"];
    const state = column({ choices: [["open", "Open"]] });
    const person = column({ type: "Number", valueType: "Number", choices: [[5, "Ana"]] });

    expect(offeredOperators(ofLists, people, "Number")).toEqual(["contains", "not_contains", "in_list", "not_in_list", "empty"]);
    expect(offeredOperators(ofTexts, state, "String")).toEqual(["equal", "not_equal", "in_list", "empty"]);
    expect(offeredOperators(["equal", "less", "greater_or_equal", "in"], person, "Number")).toEqual(["equal"]);
  });
});
