import { button, element, type Action } from "./page_elements";

/** What the page tells about the task shown, above it; each subject has one line. */
export class Notices {
  private readonly place = element("label-notices");

  /** Tell about a subject, in place of what was told of it. */
  tell(subject: string, text: string, actions: Action[]): void {
    this.close(subject);
    const line = document.createElement("div");
    line.className = "label-notice";
    line.dataset["subject"] = subject;
    const words = document.createElement("span");
    words.textContent = text;
    line.append(words, ...actions.map((action) => button({ ...action, run: () => this.act(subject, action) })));
    this.place.append(line);
  }

  close(subject: string): void {
    this.place.querySelector(`[data-subject="${subject}"]`)?.remove();
  }

  /** Close what was about one task; what begins with `keep` stays. */
  clear(keep: string): void {
    for (const line of this.place.querySelectorAll<HTMLElement>("[data-subject]")) {
      if (!line.dataset["subject"]?.startsWith(keep)) {
        line.remove();
      }
    }
  }

  private act(subject: string, action: Action): void {
    this.close(subject);
    action.run();
  }
}
