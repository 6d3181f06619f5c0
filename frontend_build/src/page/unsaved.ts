/**
 * `<form data-guard-unsaved>` asks before the page is left with changes that were not saved, and says that there are some.
 *
 * `data-guard-unsaved="unsaved"`: what the server sent back is not saved either.
 */
export function guardUnsaved(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-guard-unsaved]")) {
    guard(form);
  }
}

function guard(form: HTMLFormElement): void {
  const saved = form.dataset["guardUnsaved"] === "unsaved" ? null : contents(form);
  let isSent = false;
  const isChanged = (): boolean => contents(form) !== saved;
  const say = (): void => {
    for (const note of form.querySelectorAll<HTMLElement>("[data-unsaved-note]")) {
      note.hidden = !isChanged();
    }
  };
  form.addEventListener("input", say);
  form.addEventListener("submit", () => (isSent = true));
  // A page restored from the back/forward cache was not sent; what it holds may be unsaved again.
  addEventListener("pageshow", () => {
    isSent = false;
    say();
  });
  addEventListener("beforeunload", (event) => {
    if (!isSent && isChanged()) {
      event.preventDefault();
    }
  });
}

function contents(form: HTMLFormElement): string {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(fields.map(([name, value]) => [name, typeof value === "string" ? value : value.name]));
}
