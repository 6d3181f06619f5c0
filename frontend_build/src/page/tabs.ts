/** On a narrow screen the row of tabs scrolls: bring the current one into view. */
export function showCurrentTab(): void {
  const row = document.querySelector<HTMLElement>(".project-tabs");
  const current = row?.querySelector<HTMLElement>("[aria-current=page]");
  if (row && current) {
    row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}
