/** A result in words: one line an item. */
import type { ResultItem } from "./protocol";

const LONGEST = 80;

export function linesOf(result: ResultItem[]): string[] {
  return result.map(lineOf);
}

function lineOf(item: ResultItem): string {
  const kind = String(item["type"] ?? "");
  if (kind === "relation") {
    return ["Relation", ...textsOf(item["labels"])].join(" ");
  }
  const value = (item["value"] ?? {}) as ResultItem;
  const answers = textsOf(value[answerKey(kind)]);
  const place = placeOf(value);
  return `${String(item["from_name"] ?? kind)}: ${[answers.join(", ") || "–", place].filter(Boolean).join(" · ")}`;
}

function answerKey(kind: string): string {
  return { textarea: "text", pairwise: "selected" }[kind] ?? kind;
}

function textsOf(answer: unknown): string[] {
  if (answer === undefined || answer === null) {
    return [];
  }
  return (Array.isArray(answer) ? answer : [answer]).map((one) => short(Array.isArray(one) ? one.join(" › ") : String(one)));
}

/** Where in the data it lies: the words of a span, the corner and size of a box, seconds. */
function placeOf(value: ResultItem): string {
  const { x, y, width, height, start, end, text, points } = value;
  if (typeof x === "number" && typeof y === "number") {
    const size = typeof width === "number" && typeof height === "number" ? `, ${round(width)} × ${round(height)} %` : "";
    return `at ${round(x)}, ${round(y)} %${size}`;
  }
  if (Array.isArray(points)) {
    return `${points.length} points`;
  }
  if (start !== undefined && end !== undefined) {
    const quoted = typeof text === "string" && text ? `“${short(text)}” ` : "";
    return `${quoted}${round(start)} – ${round(end)}`;
  }
  return "rle" in value ? "brush" : "";
}

function round(value: unknown): string {
  return typeof value === "number" ? String(Math.round(value * 10) / 10) : String(value);
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
