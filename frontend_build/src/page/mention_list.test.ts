import { describe, expect, it } from "vitest";

import { typedName } from "./mention_list";

describe("the name being typed", () => {
  it.each([
    ["@", { start: 0, query: "" }],
    ["Hello @an", { start: 6, query: "an" }],
    ["(@ana tor", { start: 1, query: "ana tor" }],
    ["one\n@b", { start: 4, query: "b" }],
    ["write to ana@example", undefined],
    ["@ana\nnext line", undefined],
    ["@ana is a very long", undefined],
    ["@ x", undefined],
    ["nothing", undefined],
  ])("in %j", (text, expected) => {
    expect(typedName(text, text.length)).toEqual(expected);
  });

  it("ends at the caret", () => {
    expect(typedName("@ana and more", 3)).toEqual({ start: 0, query: "an" });
  });
});
