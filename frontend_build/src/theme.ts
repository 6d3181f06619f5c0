/**
 * Colour theme. Loaded as a blocking script in <head>, so that the first paint already has the right colours.
 *
 * The choice ("light", "dark" or "system") lives in this browser's local storage.
 */
export {};

{
  const KEY = "theme";
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");

  const choice = (): string => localStorage.getItem(KEY) ?? "system";

  const apply = (): void => {
    const dark = choice() === "dark" || (choice() === "system" && prefersDark.matches);
    document.documentElement.dataset["bsTheme"] = dark ? "dark" : "light";
    for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset["themeChoice"] === choice()));
    }
  };

  apply();
  prefersDark.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-choice]");
    if (button) {
      localStorage.setItem(KEY, button.dataset["themeChoice"] ?? "system");
      apply();
    }
  });
}
