/** The page's own keys; those pressed inside the editor come from its frame. */
import { commandOf } from "./commands";
import type { PageCommand } from "./protocol";

/** Listen to keys outside the editor; Escape in the bar goes back into it. */
export function watchCommands(run: (command: PageCommand) => void, focusEditor: () => void): void {
  document.addEventListener("keydown", (event) => {
    const command = commandOf(event);
    if (command && command !== "help") {
      event.preventDefault();
      run(command);
    } else if (event.key === "Escape" && (event.target as Element).closest(".label-bar") && !isMenuOpen()) {
      focusEditor();
    }
  });
  // A dialog that closes leaves the focus on what opened it; from within the editor that is nothing.
  document.addEventListener("hidden.bs.modal", focusEditor);
}

/** Press what the bar has for a command. */
export function runCommand(command: PageCommand): void {
  const target = document.querySelector<HTMLElement>(`[data-command="${command}"]`);
  target?.focus();
  target?.click();
}

function isMenuOpen(): boolean {
  return document.querySelector(".label-bar .dropdown-menu.show") !== null;
}
