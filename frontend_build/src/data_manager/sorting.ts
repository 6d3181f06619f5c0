/** Lets the children of an element be dragged to another place. */

/** `onMove` hears the names (`data-column`) of what was dragged, and of what it was dropped on. */
export function watchDragging(
  root: HTMLElement,
  selector: string,
  onMove: (moved: string, target: string) => void,
): void {
  let dragged: HTMLElement | null = null;
  root.addEventListener("dragstart", (event) => {
    dragged = (event.target as Element).closest<HTMLElement>(selector);
    if (dragged) {
      event.dataTransfer?.setData("text/plain", dragged.dataset["column"] ?? "");
      dragged.classList.add("is-dragged");
    }
  });
  root.addEventListener("dragover", (event) => {
    const target = (event.target as Element).closest<HTMLElement>(selector);
    mark(root, target && dragged ? target : null);
    if (target && dragged) {
      event.preventDefault();
    }
  });
  root.addEventListener("drop", (event) => {
    const target = (event.target as Element).closest<HTMLElement>(selector);
    const [moved, place] = [dragged?.dataset["column"], target?.dataset["column"]];
    if (moved && place && moved !== place) {
      event.preventDefault();
      onMove(moved, place);
    }
  });
  root.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    mark(root, null);
  });
}

function mark(root: HTMLElement, target: HTMLElement | null): void {
  for (const marked of root.querySelectorAll(".is-drop-target")) {
    marked.classList.toggle("is-drop-target", marked === target);
  }
  target?.classList.add("is-drop-target");
}

/** Return a list in which `moved` stands where `target` stood. */
export function movedTo<Item>(list: readonly Item[], moved: Item, target: Item): Item[] {
  const place = list.indexOf(target);
  const rest = list.filter((item) => item !== moved);
  return place < 0 ? [...list] : [...rest.slice(0, place), moved, ...rest.slice(place)];
}
