import Modal from "bootstrap/js/dist/modal";

/** `?` opens the keyboard map, `/` moves to the page's search field; other keys press what names them as its own. */
export function watchShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.composedPath()[0])) {
      return;
    }
    if (/^[a-z]$/.test(event.key) && !event.repeat && !document.querySelector(".modal.show, .dropdown-menu.show")) {
      press(event);
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

/** Press the control with this key: that of the card in focus, else that of the first card that waits, else the only one. */
function press(event: KeyboardEvent): void {
  const ofKey = `[aria-keyshortcuts="${event.key}"]`;
  const card = document.activeElement?.closest("article") ?? document.querySelector("article[data-waits]");
  const control = card?.querySelector<HTMLElement>(ofKey) ?? document.querySelector<HTMLElement>(`${ofKey}:not(article *)`);
  if (control) {
    event.preventDefault();
    control.click();
  }
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
