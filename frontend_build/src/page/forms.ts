/** A form is sent once: its submit button shows that it is busy and takes no second click. */
export function watchFormSubmits(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter;
    if (event.defaultPrevented || form.dataset["download"] !== undefined || !(button instanceof HTMLButtonElement)) {
      return;
    }
    // Disabled in the next turn: a disabled button's own name and value would not be sent.
    setTimeout(() => {
      button.disabled = true;
      button.classList.add("btn-loading");
    });
  });
  // A page restored from the back/forward cache shows its form as it was left.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll<HTMLButtonElement>("button.btn-loading")) {
      button.disabled = false;
      button.classList.remove("btn-loading");
    }
  });
}
