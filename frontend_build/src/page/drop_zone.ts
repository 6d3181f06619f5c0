const UNITS = ["bytes", "kB", "MB", "GB"];

/** Let files be dropped on a `[data-drop-zone]` label, and name the chosen file. */
export function watchDropZones(root: ParentNode): void {
  for (const zone of root.querySelectorAll<HTMLElement>("[data-drop-zone]")) {
    const input = zone.querySelector<HTMLInputElement>("input[type=file]");
    const chosen = zone.querySelector<HTMLElement>("[data-chosen-file]");
    if (input && chosen) {
      watch(zone, input, chosen);
    }
  }
}

function watch(zone: HTMLElement, input: HTMLInputElement, chosen: HTMLElement): void {
  const highlight = (on: boolean): void => {
    zone.classList.toggle("is-dragging", on);
  };
  const name = (): void => {
    const file = input.files?.[0];
    chosen.textContent = file ? `${file.name} · ${readableSize(file.size)}` : "";
    zone.classList.toggle("has-file", file !== undefined);
  };
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    highlight(true);
  });
  zone.addEventListener("dragleave", () => highlight(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    highlight(false);
    if (event.dataTransfer?.files.length) {
      input.files = event.dataTransfer.files;
      name();
    }
  });
  input.addEventListener("change", name);
}

function readableSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power && amount < 10 ? 1 : 0)} ${UNITS[power]}`;
}
