/**
 * New project and settings pages: a chosen template fills the labeling config.
 *
 * Each radio button of `[data-template-choice]` names in `data-config` the `<template>` that holds its config.
 */
export function watchTemplateChoices(root: ParentNode): void {
  for (const group of root.querySelectorAll<HTMLElement>("[data-template-choice]")) {
    const target = document.querySelector<HTMLTextAreaElement>(group.dataset["templateChoice"] ?? "");
    if (target) {
      group.addEventListener("change", (event) => fill(target, event.target as HTMLInputElement));
    }
  }
}

function fill(target: HTMLTextAreaElement, choice: HTMLInputElement): void {
  const config = document.getElementById(choice.dataset["config"] ?? "")?.textContent;
  if (config) {
    target.value = JSON.parse(config) as string;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
