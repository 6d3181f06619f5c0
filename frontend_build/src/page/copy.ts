const SHOWN_MS = 2_000;

/** `<button data-copy="#field">` copies what the field holds, and says so for a moment. */
export function watchCopyButtons(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const field = button && document.querySelector<HTMLInputElement>(button.dataset["copy"] ?? "");
    if (button && field) {
      void copy(field).then((done) => tell(button, done));
    }
  });
}

async function copy(field: HTMLInputElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Browsers keep the clipboard from pages that did not come over HTTPS; the old way still works there.
    return document.execCommand("copy");
  }
}

function tell(button: HTMLElement, done: boolean): void {
  const state = button.querySelector<HTMLElement>("[data-copy-state]");
  if (state) {
    state.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (state.textContent = "Copy"), SHOWN_MS);
  }
}
