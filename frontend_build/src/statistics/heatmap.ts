/** A matrix of counts: which label of people (rows) a model took for which (columns). */
import type { EChartsCoreOption } from "echarts/core";

import { categoryName, tooltipLook, type Look, type Picture } from "./picture";

const MAX_WRITTEN = 12;
/** From this part of the largest count on, a cell is so dark that its number is written in white. */
const DARK_CELL = 0.55;

export function heatmapOption(picture: Picture, look: Look): EChartsCoreOption {
  const rows = picture.series.map((series) => series.name);
  const most = Math.max(1, ...picture.series.flatMap((series) => series.values));
  const full = look.dark ? "#4ba3e3" : "#0a5f9c";
  return {
    animation: false,
    textStyle: { color: look.text, fontFamily: look.font },
    grid: { left: 4, right: 8, top: 8, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltipLook(look),
      trigger: "item",
      formatter: ({ value }: { value: [number, number, number] }) =>
        `People: ${rows[value[1]] ?? ""}\nModel: ${picture.categories[value[0]] ?? ""}\n${value[2].toLocaleString("en")}`,
    },
    xAxis: axis(picture.categories, look),
    yAxis: { ...axis(rows, look), inverse: true },
    visualMap: { show: false, min: 0, max: most, inRange: { color: [look.surface, full] } },
    series: [
      {
        type: "heatmap",
        data: cells(picture, most, look),
        label: { show: rows.length <= MAX_WRITTEN },
        itemStyle: { borderColor: look.line, borderWidth: 1 },
      },
    ],
  };
}

function axis(names: string[], look: Look): object {
  return {
    type: "category",
    data: names,
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    axisLabel: { color: look.text, hideOverlap: true, formatter: categoryName },
  };
}

function cells(picture: Picture, most: number, look: Look): object[] {
  const dark = look.dark ? "#0b1f33" : "#ffffff";
  return picture.series.flatMap((series, row) =>
    series.values.map((count, column) => ({
      value: [column, row, count],
      label: { color: count > most * DARK_CELL ? dark : look.text },
    })),
  );
}
