/** The inputs of what a filter compares with. */
import { make, select } from "./dom";
import type { Kind } from "./operands";
import type { Column } from "./types";

export type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Return the inputs for a kind of operand, filled with what is written in them. */
export function operandInputs(kind: Kind, written: readonly string[], column: Column, wrong: Record<string, string>): Field[] {
  const [first = "", second = ""] = written;
  const options = (column.choices ?? []).map(([value, text]) => [String(value), text] as const);
  switch (kind) {
    case "none":
      return [];
    case "boolean":
      return [select([["true", "yes"], ["false", "no"]], first || "true", { "aria-label": "Value", ...wrong })];
    case "choice":
      return [select(withOwn(options, first), first, { "aria-label": "Value", ...wrong })];
    case "choices":
      return [select(options, written, { "aria-label": "Values", multiple: true, size: String(Math.min(6, Math.max(2, options.length))), ...wrong })];
    case "list":
      return [listField(written, wrong)];
    case "numbers":
    case "moments":
      return [input(kind, first, "At least", wrong), input(kind, second, "At most", wrong)];
    default:
      return [input(kind, first, "Value", wrong)];
  }
}

/** Return what is written in inputs: of a select with several choices, each of them. */
export function written(fields: readonly Field[]): string[] {
  return fields.flatMap((field) =>
    field instanceof HTMLSelectElement && field.multiple
      ? [...field.selectedOptions].map((option) => option.value)
      : [field.value],
  );
}

function input(kind: Kind, value: string, label: string, wrong: Record<string, string>): HTMLInputElement {
  const isMoment = kind === "moment" || kind === "moments";
  const type = isMoment ? "datetime-local" : kind === "number" || kind === "numbers" ? "number" : "text";
  const attributes = { class: "form-control", type, value, step: type === "number" ? "any" : undefined, "aria-label": label, title: label };
  return make("input", { ...attributes, placeholder: isMoment ? undefined : label, autocomplete: "off", ...wrong });
}

function listField(written: readonly string[], wrong: Record<string, string>): HTMLTextAreaElement {
  const lines = written.join("\n");
  return make("textarea", { class: "form-control", rows: "3", "aria-label": "Values, one a line", placeholder: "One value a line", ...wrong }, lines);
}

/** Offer also what an address names although it is no choice (any more). */
function withOwn(options: readonly (readonly [string, string])[], chosen: string): readonly (readonly [string, string])[] {
  return !chosen || options.some(([value]) => value === chosen) ? options : [[chosen, chosen], ...options];
}
