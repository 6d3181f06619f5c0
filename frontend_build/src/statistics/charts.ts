/** Draws each `[data-picture]` of the page, and keeps what is drawn in step with its size and the theme. */
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { heatmapOption } from "./heatmap";
import { optionOf, type Look, type Picture } from "./picture";

use([
  BarChart,
  HeatmapChart,
  LineChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
]);

const drawn = new Map<HTMLElement, EChartsType>();
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    drawn.get(target as HTMLElement)?.resize();
  }
});

export function watchCharts(): void {
  drawAll();
  document.addEventListener("htmx:load", drawAll);
  document.addEventListener("htmx:historyRestore", drawAll);
  new MutationObserver(redrawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

function drawAll(): void {
  for (const [element, chart] of drawn) {
    if (!element.isConnected) {
      sizes.unobserve(element);
      chart.dispose();
      drawn.delete(element);
    }
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-picture]")) {
    if (!drawn.has(element)) {
      draw(element);
    }
  }
}

function draw(element: HTMLElement): void {
  const chart = init(element, null, { renderer: "canvas" });
  chart.setOption(optionNow(element));
  drawn.set(element, chart);
  sizes.observe(element);
  element.dataset["drawn"] = "";
}

function redrawAll(): void {
  for (const [element, chart] of drawn) {
    chart.setOption(optionNow(element), true);
  }
}

function optionNow(element: HTMLElement): EChartsCoreOption {
  const picture = pictureOf(element);
  return picture.kind === "heatmap" ? heatmapOption(picture, lookNow()) : optionOf(picture, lookNow());
}

function pictureOf(element: HTMLElement): Picture {
  return JSON.parse(element.dataset["picture"] ?? "") as Picture;
}

function lookNow(): Look {
  const style = getComputedStyle(document.body);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: color("--tblr-body-color"),
    quiet: color("--tblr-secondary-color") || color("--tblr-secondary"),
    line: color("--tblr-border-color"),
    surface: color("--tblr-bg-surface"),
    font: style.fontFamily,
    dark: document.documentElement.dataset["bsTheme"] === "dark",
  };
}
