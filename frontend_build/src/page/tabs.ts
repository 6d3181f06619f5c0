/** On a narrow screen rows of tabs scroll: bring the current one of each into view. */
export function showCurrentTab(): void {
  for (const row of document.querySelectorAll<HTMLElement>(".project-tabs, .settings-list")) {
    const current = row.querySelector<HTMLElement>("[aria-current=page]");
    if (current) {
      const place = current.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
      row.scrollLeft = place - (row.clientWidth - current.offsetWidth) / 2;
    }
  }
}
