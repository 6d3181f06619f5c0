/** What the server says of a chart, and how ECharts is told. */
import type { EChartsCoreOption } from "echarts/core";

export interface Picture {
  kind: "area" | "columns" | "bars" | "lines" | "heatmap";
  categories: string[];
  series: { name: string; values: number[] }[];
  stacked: boolean;
}

export interface Look {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  font: string;
  dark: boolean;
}

/** Told apart by people who see few colours (after Okabe and Ito), one set for each background; the last is "Others". */
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#b8860b", "#cc79a7", "#56b4e9", "#7b5ea7", "#8c564b", "#8a94a6"];
const DARK = ["#4ba3e3", "#ff8a4c", "#2fc79a", "#e6b422", "#e59cc4", "#8fd3ff", "#b39ddb", "#c49c94", "#7d8794"];
/** Labeled is the colour of what is done, left that of what is still there. */
const PROGRESS = { light: ["#2f9e6e", "#c3cbd6"], dark: ["#37b884", "#4a5668"] };

const LONGEST_NAME = 22;

export function optionOf(picture: Picture, look: Look): EChartsCoreOption {
  const palette = picture.kind === "area" ? PROGRESS[look.dark ? "dark" : "light"] : look.dark ? DARK : LIGHT;
  const isLying = picture.kind === "bars";
  const many = picture.series.length > 1;
  return {
    animation: false,
    color: palette,
    textStyle: { color: look.text, fontFamily: look.font },
    grid: { left: 4, right: isLying ? 40 : 12, top: many ? 36 : 12, bottom: 4, containLabel: true },
    legend: legend(many, look),
    tooltip: {
      ...tooltipLook(look),
      trigger: "axis",
      axisPointer: { type: picture.kind === "area" || picture.kind === "lines" ? "line" : "shadow" },
      order: "valueDesc",
    },
    [isLying ? "yAxis" : "xAxis"]: categoryAxis(picture, look),
    [isLying ? "xAxis" : "yAxis"]: valueAxis(picture, look),
    series: picture.series.map((series) => seriesOf(series, picture, look)),
  };
}

/** Without markup, which the content security policy would refuse. */
export function tooltipLook(look: Look): object {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: look.surface,
    borderColor: look.line,
    textStyle: { color: look.text },
  };
}

function legend(shown: boolean, look: Look): object {
  return {
    show: shown,
    type: "scroll",
    top: 0,
    left: 0,
    itemWidth: 12,
    itemHeight: 12,
    textStyle: { color: look.text },
    pageTextStyle: { color: look.quiet },
    pageIconColor: look.text,
    pageIconInactiveColor: look.line,
    formatter: shortened,
  };
}

function categoryAxis(picture: Picture, look: Look): object {
  return {
    type: "category",
    data: picture.categories,
    inverse: picture.kind === "bars",
    boundaryGap: picture.kind !== "area",
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    axisLabel: { color: look.quiet, hideOverlap: true, formatter: categoryName },
  };
}

function valueAxis(picture: Picture, look: Look): object {
  return {
    type: "value",
    minInterval: 1,
    ...(picture.kind === "lines" ? { min: 0, max: 100 } : {}),
    axisLabel: { color: look.quiet, formatter: compact, hideOverlap: true },
    splitLine: { lineStyle: { color: look.line } },
  };
}

function seriesOf(series: Picture["series"][number], picture: Picture, look: Look): object {
  const common = { name: series.name, data: series.values, ...(picture.stacked ? { stack: "all" } : {}) };
  if (picture.kind === "area") {
    return { ...common, type: "line", showSymbol: series.values.length < 2, areaStyle: { opacity: 0.85 }, lineStyle: { width: 1 } };
  }
  if (picture.kind === "lines") {
    return { ...common, type: "line", symbolSize: 8, lineStyle: { width: 2 } };
  }
  const label =
    picture.kind === "bars"
      ? { show: true, position: "right", color: look.quiet, formatter: ({ value }: { value: number }) => compact(value) }
      : { show: false };
  return { ...common, type: "bar", barMaxWidth: 36, label };
}

const numbers = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function compact(value: number): string {
  return numbers.format(value);
}

/** Days are written "3 Mar"; everything else is cut where it is too long. */
export function categoryName(name: string): string {
  const day = /^\d{4}-(\d{2})-(\d{2})$/.exec(name);
  if (!day) {
    return shortened(name);
  }
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return `${Number(day[2])} ${months[Number(day[1]) - 1] ?? ""}`;
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}
