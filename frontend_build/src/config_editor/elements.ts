/** Parts of the page, which the server rendered. */

/** Return the element with this id. */
export function element<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The config editor's page has no element #${id}.`);
  }
  return found as Type;
}

/** Return the first element inside `root` that is marked `data-part="<name>"`. */
export function part<Type extends HTMLElement = HTMLElement>(root: ParentNode, name: string): Type {
  const found = root.querySelector<Type>(`[data-part="${name}"]`);
  if (!found) {
    throw new Error(`The config editor's page has no part ${name}.`);
  }
  return found;
}

/** Return a new copy of what `<template id="…">` holds. */
export function fromTemplate<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const copy = element<HTMLTemplateElement>(id).content.firstElementChild?.cloneNode(true);
  if (!copy) {
    throw new Error(`The template #${id} is empty.`);
  }
  return copy as Type;
}
