/** Small builders of elements. */

type Attributes = Record<string, string | boolean | undefined>;

/** Return a new element; attributes that are false or undefined are left out. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/** Return a copy of one of the icons that the page brought along. */
export function icon(name: string): Node {
  const icons = document.getElementById("dm-icons") as HTMLTemplateElement | null;
  return icons?.content.querySelector(`.dm-icon-${name}`)?.cloneNode(true) ?? document.createTextNode("");
}

/** Return a button with an icon alone, called `label`. */
export function iconButton(name: string, label: string, attributes: Attributes = {}): HTMLButtonElement {
  const look = { type: "button", class: "btn btn-icon btn-sm btn-ghost-secondary", "aria-label": label, title: label };
  return make("button", { ...look, ...attributes }, icon(name));
}

/** Return a select of `[value, text]`. */
export function select(
  options: readonly (readonly [string, string])[],
  chosen: string | readonly string[],
  attributes: Attributes,
): HTMLSelectElement {
  const wanted = typeof chosen === "string" ? [chosen] : chosen;
  const made = options.map(([value, text]) => {
    const option = make("option", { value }, text);
    option.selected = wanted.includes(value);
    return option;
  });
  return make("select", { class: "form-select", ...attributes }, ...made);
}
