/**
 * Saving without leaving the page.
 *
 * The form is sent by htmx. The server answers with a toast and the event `config:saved`, with what is wrong, or, when
 * completions would break, with a dialog and the event `dialog:open`. What the dialog decides is sent to the same address
 * together with the form; its answer is one of these again.
 */
import Modal from "bootstrap/js/dist/modal";

import { element, fromTemplate } from "./elements";

interface HtmxRequest {
  requestConfig: { formData?: FormData };
}

export class Saving {
  private readonly note = element("config-unsaved");
  private sent = "";
  private isLeaving = false;

  constructor(
    form: HTMLFormElement,
    private saved: string,
    private readonly text: () => string,
  ) {
    this.saved = normalized(saved);
    document.addEventListener("htmx:beforeRequest", (event) => this.remember(event as CustomEvent<HtmxRequest>));
    document.addEventListener("config:saved", () => this.hearSaved());
    for (const failure of ["htmx:sendError", "htmx:responseError"]) {
      document.addEventListener(failure, () => this.hearFailure());
    }
    form.addEventListener("submit", () => (this.isLeaving = !form.hasAttribute("hx-post")));
    addEventListener("pageshow", () => (this.isLeaving = false));
    addEventListener("beforeunload", (event) => {
      if (this.isChanged && !this.isLeaving) {
        event.preventDefault();
      }
    });
  }

  /** Say whether there is something to save. */
  compare(): void {
    this.note.hidden = !this.isChanged;
  }

  private get isChanged(): boolean {
    return this.text() !== this.saved;
  }

  /** The impact dialog sends the config it was opened for, whatever was typed since. */
  private remember(event: CustomEvent<HtmxRequest>): void {
    const config = event.detail.requestConfig.formData?.get("label_config");
    if (typeof config === "string") {
      this.sent = normalized(config);
    }
  }

  private hearFailure(): void {
    element("config-outcome").replaceChildren(fromTemplate("config-not-saved"));
  }

  private hearSaved(): void {
    this.saved = this.sent;
    this.compare();
    const dialog = document.getElementById("dialog");
    if (dialog) {
      Modal.getInstance(dialog)?.hide();
    }
  }
}

function normalized(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}
