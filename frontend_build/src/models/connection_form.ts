/** Shows the fields of a name and a secret only where the chosen way of signing in needs them. */

export function watchConnectionForm(): void {
  const method = document.getElementById("id_auth_method");
  if (!(method instanceof HTMLSelectElement)) {
    return;
  }
  const show = (): void => {
    for (const element of document.querySelectorAll<HTMLElement>("[data-auth]")) {
      element.hidden = method.value === "NONE";
    }
  };
  method.addEventListener("change", show);
  show();
}
