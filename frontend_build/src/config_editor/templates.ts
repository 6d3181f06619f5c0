/** On pages with the gallery of templates: `[data-use-template]` loads one without leaving the page. */
import Modal from "bootstrap/js/dist/modal";

export interface Template {
  title: string;
  config: string;
  task: Record<string, unknown>;
}

/** @param address the address of a template, with NAME for its name */
export function watchTemplates(address: string, load: (template: Template) => void): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-use-template]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      void use(link, address, load);
    }
  });
}

async function use(link: HTMLAnchorElement, address: string, load: (template: Template) => void): Promise<void> {
  const name = encodeURIComponent(link.dataset["useTemplate"] ?? "");
  const response = await fetch(address.replace("NAME", name)).catch(() => undefined);
  if (!response?.ok) {
    location.href = link.href;
    return;
  }
  const template = (await response.json()) as Template;
  const dialog = document.getElementById("dialog");
  if (dialog) {
    Modal.getInstance(dialog)?.hide();
  }
  link.closest("details")?.removeAttribute("open");
  document.querySelector("details.template-step")?.removeAttribute("open");
  load(template);
}
