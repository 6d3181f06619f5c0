const SHOWN_MS = 2_000;

/** `<button data-copy="#element">` copies what the field or the element holds, and says so for a moment. */
export function watchCopyButtons(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const source = button && document.querySelector<HTMLElement>(button.dataset["copy"] ?? "");
    if (button && source) {
      void copy(source).then((done) => tell(button, done));
    }
  });
}

async function copy(source: HTMLElement): Promise<boolean> {
  select(source);
  try {
    await navigator.clipboard.writeText(source instanceof HTMLInputElement ? source.value : source.innerText);
    return true;
  } catch {
    // Browsers keep the clipboard from pages that did not come over HTTPS; the old way still works there.
    return document.execCommand("copy");
  }
}

function select(source: HTMLElement): void {
  if (source instanceof HTMLInputElement) {
    source.select();
  } else {
    getSelection()?.selectAllChildren(source);
  }
}

function tell(button: HTMLElement, done: boolean): void {
  const state = button.querySelector<HTMLElement>("[data-copy-state]");
  if (state) {
    state.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (state.textContent = "Copy"), SHOWN_MS);
  }
}
