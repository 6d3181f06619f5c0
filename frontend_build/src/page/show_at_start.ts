import Modal from "bootstrap/js/dist/modal";

/** Open the dialog marked `data-show-at-start="<key>"`, once in each browser tab. */
export function showAtStart(): void {
  const dialog = document.querySelector<HTMLElement>("[data-show-at-start]");
  const key = dialog?.dataset["showAtStart"];
  if (dialog && key && !sessionStorage.getItem(key)) {
    sessionStorage.setItem(key, "shown");
    Modal.getOrCreateInstance(dialog).show();
  }
}
