/** Colours of labels. */

/** Told apart by most people, also beside each other; new labels take them in turn. */
export const PALETTE = [
  "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b",
  "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#0b3d91", "#f7b500",
];

/** The editor's colour of labels that have none. */
export const COLOR_BY_DEFAULT = "#36b37e";

/** Return a CSS colour as `#rrggbb`, which colour fields want; the editor's default for what is none. */
export function asHex(color: string | undefined): string {
  const context = document.createElement("canvas").getContext("2d");
  if (!color || !context || !CSS.supports("color", color)) {
    return COLOR_BY_DEFAULT;
  }
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Return the palette's first colours that `used` has not, then those again from the start. */
export function nextColors(used: string[], count: number): string[] {
  const taken = new Set(used.map((color) => color.toLowerCase()));
  const free = PALETTE.filter((color) => !taken.has(color));
  const order = [...free, ...PALETTE.filter((color) => taken.has(color))];
  return Array.from({ length: count }, (_, index) => order[index % order.length] ?? COLOR_BY_DEFAULT);
}
