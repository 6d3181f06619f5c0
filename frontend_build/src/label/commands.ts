import type { PageCommand } from "./protocol";

/** With Alt, by the key's place: some systems type another character then. The editor uses none of these. */
const WITH_ALT: Record<string, PageCommand> = {
  PageUp: "previous",
  PageDown: "next",
  KeyI: "instructions",
  KeyM: "menu",
  KeyP: "panel",
};

/** What the label page does on a key, if anything. */
export function commandOf(event: KeyboardEvent): PageCommand | undefined {
  if (event.ctrlKey || event.metaKey) {
    return undefined;
  }
  if (event.altKey) {
    return event.shiftKey ? undefined : WITH_ALT[event.code];
  }
  return event.key === "?" && !isTyping(event.composedPath()[0]) ? "help" : undefined;
}

function isTyping(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
