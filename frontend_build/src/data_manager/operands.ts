/** What a filter's operator is compared with: which inputs it takes, and how they read. */
import type { Column, Scalar, Value } from "./types";

export type Kind = "none" | "text" | "number" | "moment" | "boolean" | "choice" | "choices" | "list" | "numbers" | "moments";

/** Return the kind of input for a column, compared as `type`. */
export function kindOf(column: Column, type: string, operator: string): Kind {
  const base = operator.replace(/^not_/, "");
  const valueType = column.isData ? type : column.valueType;
  if (base === "empty") {
    return "boolean";
  }
  if (base === "in_list") {
    return column.choices ? "choices" : "list";
  }
  if (base === "in") {
    return valueType === "Number" ? "numbers" : valueType === "Datetime" ? "moments" : "list";
  }
  if (base === "regex" || (base === "contains" && column.type === "String")) {
    return "text";
  }
  if (column.choices) {
    return "choice";
  }
  return ({ Number: "number", Datetime: "moment", Boolean: "boolean" } as const)[valueType] ?? "text";
}

const RANGES = /^(not_)?in$/;
const ORDERS = /^(less|greater)/;
const PARTS_OF_TEXT = /^(not_)?contains$|^regex$/;
const EQUALITY = /^(not_)?equal$/;

/**
 * The operators that the page offers for a column, whose values are compared as `valueType`.
 *
 * Ranges of texts are lists under another name; people and other named values have no order and no parts; a list that
 * holds something has it.
 */
export function offeredOperators(operators: readonly string[], column: Column, valueType: string): string[] {
  const isNamed = column.choices !== null;
  const isList = column.type === "List";
  const isOrdered = !isNamed && (valueType === "Number" || valueType === "Datetime");
  return operators.filter(
    (name) =>
      (isOrdered || !RANGES.test(name)) &&
      !(isNamed && ORDERS.test(name)) &&
      !(isNamed && !isList && PARTS_OF_TEXT.test(name)) &&
      !(isList && EQUALITY.test(name)),
  );
}

/** Return what is written in the inputs of a value. */
export function shownOperand(kind: Kind, value: Value): string[] {
  if (kind === "numbers" || kind === "moments") {
    const range = value && typeof value === "object" && !Array.isArray(value) ? value : {};
    return [range.min, range.max].map((end) => shownScalar(kind, end ?? ""));
  }
  if (kind === "choices" || kind === "list") {
    return Array.isArray(value) ? value.map(String) : value === null || typeof value === "object" ? [] : [String(value)];
  }
  return [value === null || typeof value === "object" ? "" : shownScalar(kind, value)];
}

function shownScalar(kind: Kind, value: Scalar): string {
  return kind === "moment" || kind === "moments" ? localMoment(String(value)) : String(value);
}

/** Return the value that inputs hold; undefined while something is missing or wrong. */
export function readOperand(kind: Kind, written: readonly string[], column: Column): Value | undefined {
  const [first = "", second = ""] = written;
  switch (kind) {
    case "none":
      return null;
    case "boolean":
      return first === "" ? undefined : first === "true";
    case "number":
      return number(first);
    case "moment":
      return moment(first);
    case "numbers":
      return range(first, second, number);
    case "moments":
      return range(first, second, moment);
    case "choice":
      return first === "" && !column.choices?.some(([value]) => value === "") ? undefined : chosen(first, column);
    case "choices":
      return written.length ? written.map((one) => chosen(one, column)) : undefined;
    case "list":
      return list(written, column);
    case "text":
      return first === "" ? undefined : first;
  }
}

function number(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

function moment(text: string): string | undefined {
  const value = new Date(text);
  return text === "" || Number.isNaN(value.valueOf()) ? undefined : value.toISOString();
}

function range(least: string, most: string, read: (text: string) => Scalar | undefined): Value | undefined {
  const ends = { min: read(least), max: read(most) };
  const isWrong = (least && ends.min === undefined) || (most && ends.max === undefined);
  if (isWrong || (ends.min === undefined && ends.max === undefined)) {
    return undefined;
  }
  return Object.fromEntries(Object.entries(ends).filter(([, end]) => end !== undefined));
}

function list(written: readonly string[], column: Column): Scalar[] | undefined {
  const lines = written.flatMap((text) => text.split("\n")).map((line) => line.trim()).filter(Boolean);
  if (column.isData || column.valueType !== "Number") {
    return lines.length ? lines : undefined;
  }
  const numbers = lines.map(number);
  return lines.length && numbers.every((one) => one !== undefined) ? (numbers as number[]) : undefined;
}

function chosen(text: string, column: Column): Scalar {
  return column.choices?.find(([value]) => String(value) === text)?.[0] ?? text;
}

/** Return a moment as an input of type datetime-local has it, in this person's time zone. */
export function localMoment(text: string): string {
  const value = new Date(text);
  if (text === "" || Number.isNaN(value.valueOf())) {
    return "";
  }
  const local = new Date(value.valueOf() - value.getTimezoneOffset() * 60_000).toISOString();
  return local.slice(0, 16);
}
