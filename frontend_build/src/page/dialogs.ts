import Modal from "bootstrap/js/dist/modal";

/** A response with the event `dialog:open` filled the page's `#dialog`: open it. */
export function watchDialogs(): void {
  document.addEventListener("dialog:open", () => {
    const dialog = document.getElementById("dialog");
    if (dialog) {
      Modal.getOrCreateInstance(dialog).show();
    }
  });
}
