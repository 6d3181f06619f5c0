/** The chosen tasks as the API takes them. */
import type { Selection } from "./selection";
import type { State } from "./types";

/** Servers take addresses of some 4,000 characters. */
const MAX_ADDRESS = 3_500;

/** Return the filters with the search among them, as the server joins them. */
export function withSearch({ search, filters }: State): unknown {
  const searched = { filter: "filter:tasks:data", operator: "contains", type: "String", value: search };
  return search ? { conjunction: "and", items: [filters, searched] } : filters;
}

/** Return the order under the names of the API. */
export function wireOrdering({ ordering }: State): string[] {
  return ordering.map((key) => key.replace(/^(-?)/, "$1tasks:"));
}

/** Return the parameters of the label page for the selected tasks; undefined for more than an address holds. */
export function labelQuery(state: State, selectedItems: ReturnType<Selection["document"]>): string | undefined {
  // Single tasks are meant whether or not they still pass the filters when their turn comes.
  const filters = selectedItems.all ? withSearch(state) : undefined;
  const query = JSON.stringify({ filters, ordering: wireOrdering(state), selectedItems });
  const parameters = new URLSearchParams({ query }).toString();
  return parameters.length > MAX_ADDRESS ? undefined : parameters;
}
