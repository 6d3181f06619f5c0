/** `form[data-impact]`: the dialog's button says in how many completions something is renamed, as it is chosen now. */
export function watchImpact(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-impact]")) {
    form.addEventListener("change", () => say(form));
    say(form);
  }
}

function say(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("[data-impact-rename]");
  if (!button) {
    return;
  }
  const counts = [...form.querySelectorAll<HTMLSelectElement>("select[data-completions]")]
    .filter((select) => select.value)
    .map((select) => Number(select.dataset["completions"]));
  const sum = counts.reduce((total, count) => total + count, 0);
  // One completion may use several of the names: together they are at most all there are.
  const most = Math.min(sum, Math.max(Number(form.dataset["impact"]), ...counts));
  const number = most.toLocaleString("en");
  const completions = most === 1 ? "completion" : "completions";
  button.disabled = counts.length === 0;
  button.textContent = button.disabled
    ? "Save and rename"
    : `Save and rename in ${counts.length > 1 ? "up to " : ""}${number} ${completions}`;
}
