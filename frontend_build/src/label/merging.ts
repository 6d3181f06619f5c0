/** Two people changed one answer: what each changed since they started from the same, taken together. */
import type { ResultItem } from "./protocol";

/** Answers to the whole task: each control has one, whatever its id is. */
const WHOLE_TASK = new Set(["choices", "textarea", "rating", "number", "taxonomy", "pairwise", "ranker"]);

/** A region with all that was said of it, a relation, or an answer to the whole task: changed as one. */
export interface Part {
  key: string;
  mine: ResultItem[];
  theirs: ResultItem[];
}

export interface Merge {
  /** The parts as both have them, or as the one has them who changed them; in conflict, as `mine` has them. */
  parts: Part[];
  /** Keys of the parts that both changed, in different ways. */
  conflicts: string[];
}

/** Compare both sides with what they started from; without it, whatever differs is in conflict. */
export function merge(mine: ResultItem[], theirs: ResultItem[], base: ResultItem[] | null): Merge {
  const sides = [mine, theirs, base ?? []].map(partsOf);
  const [ours, others, before] = sides as [Map<string, ResultItem[]>, Map<string, ResultItem[]>, Map<string, ResultItem[]>];
  const conflicts: string[] = [];
  const parts = [...new Set([...others.keys(), ...ours.keys()])].map((key) => {
    const part = { key, mine: ours.get(key) ?? [], theirs: others.get(key) ?? [] };
    const start = before.get(key) ?? [];
    if (isSame(part.mine, part.theirs) || isSame(start, part.mine)) {
      return { ...part, mine: part.theirs };
    }
    if (isSame(start, part.theirs)) {
      return { ...part, theirs: part.mine };
    }
    conflicts.push(key);
    return part;
  });
  return { parts, conflicts };
}

/** The result of a merge, with `theirs` for the conflicts of these keys and `mine` for the others. */
export function merged({ parts }: Merge, theirs: ReadonlySet<string>): ResultItem[] {
  const items = parts.flatMap((part) => (theirs.has(part.key) ? part.theirs : part.mine));
  const regions = new Set(items.map((item) => item["id"]));
  return items.filter((item) => !isRelation(item) || (regions.has(item["from_id"]) && regions.has(item["to_id"])));
}

function partsOf(result: ResultItem[]): Map<string, ResultItem[]> {
  const regions = new Set(result.filter((item) => !isWholeTask(item)).map((item) => item["id"]));
  const parts = new Map<string, ResultItem[]>();
  for (const item of result) {
    const key = keyOf(item, regions);
    parts.set(key, [...(parts.get(key) ?? []), item]);
  }
  return parts;
}

function keyOf(item: ResultItem, regions: ReadonlySet<unknown>): string {
  if (isRelation(item)) {
    return `relation ${String(item["from_id"])} ${String(item["to_id"])}`;
  }
  return isWholeTask(item) && !regions.has(item["id"]) ? `control ${String(item["from_name"])}` : `region ${String(item["id"])}`;
}

function isRelation(item: ResultItem): boolean {
  return item["type"] === "relation";
}

function isWholeTask(item: ResultItem): boolean {
  return WHOLE_TASK.has(String(item["type"]));
}

/** Whether both hold the same, in whatever order the keys of their objects are: a database may change that. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
  }
  return value;
}
