import { expect, test } from "vitest";

import { categoryName, compact, optionOf, type Look, type Picture } from "./picture";

const LOOK: Look = { text: "#111", quiet: "#666", line: "#ddd", surface: "#fff", font: "sans-serif", dark: false };

function picture(changes: Partial<Picture> = {}): Picture {
  const series = [
    { name: "Ada", values: [1, 2] },
    { name: "Ben", values: [3, 4] },
  ];
  return { kind: "columns", categories: ["2026-03-01", "2026-03-02"], series, stacked: true, ...changes };
}

test("series over time stand on each other", () => {
  const option = optionOf(picture(), LOOK) as { series: object[]; legend: { show: boolean } };

  expect(option.series).toMatchObject([
    { type: "bar", name: "Ada", data: [1, 2], stack: "all" },
    { type: "bar", name: "Ben", data: [3, 4], stack: "all" },
  ]);
  expect(option.legend.show).toBe(true);
});

test("bars lie, with the first label at the top", () => {
  const option = optionOf(picture({ kind: "bars", series: [{ name: "Uses", values: [5, 6] }] }), LOOK);

  expect(option).toMatchObject({ yAxis: { type: "category", inverse: true }, xAxis: { type: "value" }, legend: { show: false } });
});

test("tooltips hold no markup, which the content security policy would refuse", () => {
  expect(optionOf(picture(), LOOK)).toMatchObject({ tooltip: { renderMode: "richText" } });
});

test("days are short, long labels are cut, large numbers are rounded", () => {
  expect(categoryName("2026-03-01")).toBe("1 Mar");
  expect(categoryName("x".repeat(40))).toHaveLength(22);
  expect(compact(1_250_000)).toBe("1.3M");
});
