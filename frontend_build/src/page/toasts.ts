import Toast from "bootstrap/js/dist/toast";

/** Show the toasts that the server rendered. Errors stay until they are closed. */
export function showToasts(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(".toast:not(.show)")) {
    Toast.getOrCreateInstance(element).show();
  }
}
