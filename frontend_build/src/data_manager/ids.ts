/** The ids of many tasks, for other programs. */
import { wireOrdering } from "./chosen";
import type { PageInfo } from "./types";

const PAGE = 10_000;
const MOST = 100_000;

/** Return the ids of the tasks that match, or of those selected among them, in their order. */
export async function idsOf(info: PageInfo, filters: unknown, selectedItems?: unknown): Promise<number[]> {
  const found: number[] = [];
  const ordering = wireOrdering(info.state);
  const query = JSON.stringify({ filters, ordering, selectedItems });
  for (let page = 1; found.length < MOST; page += 1) {
    const parameters = new URLSearchParams({ project: String(info.project), include: "id", page_size: String(PAGE), page: String(page), query });
    const answer = await fetch(`/api/tasks?${parameters.toString()}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) {
      throw new Error(`The server answered ${answer.status}.`);
    }
    const { tasks } = (await answer.json()) as { tasks: { id: number }[] };
    found.push(...tasks.map(({ id }) => id));
    if (tasks.length < PAGE) {
      break;
    }
  }
  return found;
}

/** Put a text into the clipboard; browsers keep it from pages that did not come over HTTPS, where the old way still works. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
