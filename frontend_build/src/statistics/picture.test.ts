import { expect, test } from "vitest";

import { heatmapOption } from "./heatmap";
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

test("percents over versions are lines from 0 to 100", () => {
  const option = optionOf(picture({ kind: "lines", stacked: false }), LOOK);

  expect(option).toMatchObject({ yAxis: { min: 0, max: 100 }, series: [{ type: "line" }, { type: "line" }] });
});

test("a matrix has a cell for each pair of labels, with white numbers on dark ones", () => {
  const matrix = picture({
    kind: "heatmap",
    categories: ["a", "b"],
    series: [
      { name: "a", values: [9, 1] },
      { name: "b", values: [0, 3] },
    ],
  });

  expect(heatmapOption(matrix, LOOK)).toMatchObject({
    visualMap: { max: 9 },
    yAxis: { data: ["a", "b"], inverse: true },
    series: [
      {
        type: "heatmap",
        data: [
          { value: [0, 0, 9], label: { color: "#ffffff" } },
          { value: [1, 0, 1], label: { color: "#111" } },
          { value: [0, 1, 0], label: { color: "#111" } },
          { value: [1, 1, 3], label: { color: "#111" } },
        ],
      },
    ],
  });
});
