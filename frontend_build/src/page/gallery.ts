/** `[data-gallery]`: the gallery of templates shows the cards that hold all typed words and stand in the chosen group. */
export function watchGalleries(root: ParentNode): void {
  for (const gallery of root.querySelectorAll<HTMLElement>("[data-gallery]")) {
    watch(gallery);
  }
}

function watch(gallery: HTMLElement): void {
  const search = gallery.querySelector<HTMLInputElement>("[data-gallery-search]");
  const group = gallery.querySelector<HTMLSelectElement>("[data-gallery-group]");
  if (!search || !group) {
    return;
  }
  const show = (): void => filter(gallery, search.value.toLowerCase().split(/\s+/), group.value);
  search.addEventListener("input", show);
  group.addEventListener("change", show);
  // Inside a form, Enter would send it.
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
    }
  });
  gallery.querySelector("[data-gallery-reset]")?.addEventListener("click", () => {
    search.value = group.value = "";
    show();
    search.focus();
  });
  if (search.value || group.value) {
    show(); // the browser filled them in again on the way back to this page
  }
}

function filter(gallery: HTMLElement, words: string[], group: string): void {
  let found = 0;
  for (const shelf of gallery.querySelectorAll<HTMLElement>("[data-gallery-shelf]")) {
    const isChosen = !group || shelf.dataset["galleryShelf"] === group;
    let onShelf = 0;
    for (const card of shelf.querySelectorAll<HTMLElement>("[data-gallery-text]")) {
      const text = card.dataset["galleryText"] ?? "";
      card.hidden = !isChosen || !words.every((word) => text.includes(word));
      onShelf += card.hidden ? 0 : 1;
    }
    shelf.hidden = onShelf === 0;
    found += onShelf;
  }
  const empty = gallery.querySelector<HTMLElement>("[data-gallery-empty]");
  const count = gallery.querySelector<HTMLElement>("[data-gallery-count]");
  if (empty && count) {
    empty.hidden = found > 0;
    count.textContent = found === 1 ? "1 template" : `${found} templates`;
  }
}
