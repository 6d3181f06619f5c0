import Modal from "bootstrap/js/dist/modal";

/** `?` opens the keyboard map, `/` moves to the page's search field. */
export function watchShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.composedPath()[0])) {
      return;
    }
    if (event.key === "?") {
      open("#keyboard-map", event);
    } else if (event.key === "/") {
      focus("[data-page-search]", event) || focus("input[type=search]", event);
    }
  });
}

function isTyping(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function open(selector: string, event: KeyboardEvent): void {
  const dialog = document.querySelector<HTMLElement>(selector);
  if (dialog) {
    event.preventDefault();
    Modal.getOrCreateInstance(dialog).show();
  }
}

function focus(selector: string, event: KeyboardEvent): boolean {
  const field = document.querySelector<HTMLInputElement>(selector);
  if (field) {
    event.preventDefault();
    field.focus();
  }
  return field !== null;
}
