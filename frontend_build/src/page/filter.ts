/** `<input data-filter="#list">` hides the children of #list whose `data-filter-text` does not contain what is typed. */
export function watchFilters(root: ParentNode): void {
  for (const input of root.querySelectorAll<HTMLInputElement>("input[data-filter]")) {
    input.addEventListener("input", () => filter(input));
  }
}

function filter(input: HTMLInputElement): void {
  const wanted = input.value.trim().toLowerCase();
  for (const item of document.querySelectorAll<HTMLElement>(`${input.dataset["filter"]} [data-filter-text]`)) {
    item.hidden = !(item.dataset["filterText"] ?? "").toLowerCase().includes(wanted);
  }
}
