/** The page's address holds its whole state: what differs from the tab it shows, as apps/web/data_manager/state.py reads it. */
import type { PageInfo, State } from "./types";

/** Return the query string of a state, `?` with what differs from `base`. */
export function queryString(state: State, { base, tab }: Pick<PageInfo, "base" | "tab">, page = 1): string {
  const parameters = new URLSearchParams();
  if (tab !== null) {
    parameters.set("tab", String(tab));
  }
  if (state.search !== base.search) {
    parameters.set("q", state.search);
  }
  if (!isSame(state.filters, base.filters)) {
    parameters.set("filters", state.filters.items.length ? JSON.stringify(state.filters) : "");
  }
  for (const name of ["ordering", "columns"] as const) {
    if (!isSame(state[name], base[name])) {
      for (const value of state[name].length ? state[name] : [""]) {
        parameters.append(name, value);
      }
    }
  }
  if (!isSame(state.widths, base.widths)) {
    parameters.set("widths", JSON.stringify(state.widths));
  }
  if (state.layout !== base.layout) {
    parameters.set("layout", state.layout);
  }
  if (state.page_size !== base.page_size) {
    parameters.set("page_size", String(state.page_size));
  }
  if (page > 1) {
    parameters.set("page", String(page));
  }
  return `?${parameters.toString()}`;
}

/** Whether two documents say the same, in whatever order their keys stand. */
export function isSame(left: unknown, right: unknown): boolean {
  return sorted(left) === sorted(right);
}

function sorted(document: unknown): string {
  return JSON.stringify(document, (_key, value: unknown) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}
