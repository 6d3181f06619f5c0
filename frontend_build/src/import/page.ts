/**
 * The import page's parts, put together.
 *
 * Whatever is dropped, chosen, pasted or made up becomes files, which are uploaded at once. The server then shows how it
 * would read them (htmx fills `#import-step`), and from there on forms and htmx do the rest.
 */
import { counted, readableSize } from "./amounts";
import { droppedFiles, visible } from "./dropped_files";
import { element } from "./elements";
import { Progress } from "./progress";
import { fetchAddress, UploadError } from "./server";
import { UploadQueue } from "./upload_queue";

export interface ImportContext {
  project: number;
  maxBytes: number;
  maxFiles: number;
  /** A file with a task that the config can show; null: there is no config. */
  sample: string | null;
}

export class ImportPage {
  private readonly layout = element("import-layout");
  private readonly form = element<HTMLFormElement>("import-form");
  private readonly zone = element("import-drop");
  private readonly step = element("import-step");
  private readonly problem = element("import-problem");
  private queue: UploadQueue | undefined;
  private isFresh = false;

  constructor(private readonly context: ImportContext) {}

  start(): void {
    this.watchDrops();
    this.watchChoices();
    this.form.addEventListener("submit", (event) => this.hearSubmit(event));
    this.step.addEventListener("click", (event) => this.hearStep(event.target as Element));
    this.step.addEventListener("htmx:afterSettle", () => this.hearStepShown());
    element("uploads-cancel").addEventListener("click", () => this.cancel());
    element("uploads-continue").addEventListener("click", () => this.preview());
    addEventListener("beforeunload", (event) => {
      if (this.queue) {
        event.preventDefault();
      }
    });
  }

  private watchDrops(): void {
    // Files that miss the zone would otherwise replace the page.
    for (const name of ["dragover", "drop"]) {
      addEventListener(name, (event) => event.preventDefault());
    }
    addEventListener("dragover", () => this.zone.classList.add("is-dragging"));
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) {
        this.zone.classList.remove("is-dragging");
      }
    });
    addEventListener("drop", (event) => {
      this.zone.classList.remove("is-dragging");
      if (event.dataTransfer?.types.includes("Files")) {
        void droppedFiles(event.dataTransfer).then((files) => this.take(files));
      }
    });
  }

  private watchChoices(): void {
    for (const button of this.zone.querySelectorAll<HTMLElement>("[data-choose]")) {
      button.addEventListener("click", () => element(`import-${button.dataset["choose"]}`).click());
    }
    for (const input of [element<HTMLInputElement>("import-files"), element<HTMLInputElement>("import-folder")]) {
      input.addEventListener("change", () => {
        const files = visible(Array.from(input.files ?? []));
        input.value = ""; // so that the same files can be chosen again
        this.take(files);
      });
    }
  }

  private hearSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const button = event.submitter as HTMLButtonElement | null;
    const text = element<HTMLTextAreaElement>("id_text").value;
    const url = element<HTMLInputElement>("id_url").value.trim();
    if (button?.name === "sample" && this.context.sample) {
      this.take([new File([this.context.sample], "sample.json")]);
    } else if (button?.value === "url") {
      void this.fetch(url);
    } else if (text.trim()) {
      this.take([new File([text], "pasted text")]);
    } else {
      this.say("There is no text yet. Paste some first.");
    }
  }

  private async fetch(url: string): Promise<void> {
    if (!url) {
      this.say("There is no address yet. Write one first.");
      return;
    }
    this.say("");
    this.layout.classList.add("is-fetching");
    try {
      this.preview(await fetchAddress(this.context.project, url));
    } catch (error) {
      this.say(error instanceof UploadError ? error.message : String(error));
    } finally {
      this.layout.classList.remove("is-fetching");
    }
  }

  /** Upload files, then preview them together with those that are there already. */
  private take(files: File[]): void {
    const problem = this.problemWith(files);
    this.say(problem);
    if (problem || this.queue) {
      return;
    }
    const queue = (this.queue = new UploadQueue(files, this.context.project, () => progress.schedule()));
    const progress = new Progress(queue);
    this.layout.classList.add("is-uploading");
    element("uploads-after").hidden = true;
    element("uploads-cancel").hidden = false;
    element("uploads-title").textContent = `Uploading ${counted(files.length, "file")}`;
    element("uploads-title").focus();
    void queue.run().then(() => this.hearUploaded(queue, progress));
  }

  private problemWith(files: File[]): string {
    if (this.queue) {
      return "An upload is running. Wait for it, or cancel it first.";
    }
    const [first] = files;
    if (!first) {
      return "There are no files in it.";
    }
    if (files.length + this.ids.length > this.context.maxFiles) {
      return `These are more than ${counted(this.context.maxFiles, "file")}. Put them into a ZIP archive.`;
    }
    const large = files.find((file) => file.size > this.context.maxBytes);
    return large ? `${large.name} has ${readableSize(large.size)}. This server takes up to ${readableSize(this.context.maxBytes)} a file.` : "";
  }

  private hearUploaded(queue: UploadQueue, progress: Progress): void {
    if (this.queue !== queue) {
      return;
    }
    if (queue.failed.length) {
      // They stay listed with what was wrong, until the person decides.
      progress.schedule();
      element("uploads-title").textContent = `${counted(queue.failed.length, "file")} could not be uploaded`;
      element("uploads-after").hidden = queue.done.length === 0;
      return;
    }
    progress.hide();
    this.preview();
  }

  /** Ask the server how it would read all files. */
  private preview(more: readonly number[] = []): void {
    const uploaded = this.queue?.done.flatMap((upload) => (upload.id === undefined ? [] : [upload.id])) ?? [];
    const ids = [...this.ids, ...uploaded, ...more];
    this.queue = undefined;
    element("import-uploads").hidden = true;
    element<HTMLInputElement>("preview-uploads").value = ids.join(",");
    this.isFresh = true;
    this.layout.classList.remove("is-uploading");
    this.layout.classList.add("has-step");
    element("import-preview-request").dispatchEvent(new CustomEvent("uploads:ready"));
  }

  private cancel(): void {
    const { queue } = this;
    this.queue = undefined;
    queue?.cancel();
    element("import-uploads").hidden = true;
    this.layout.classList.remove("is-uploading");
    this.zone.querySelector<HTMLElement>("[data-choose]")?.focus();
  }

  private hearStep(target: Element): void {
    if (target.closest("[data-start-over]")) {
      location.reload();
    } else if (target.closest("[data-add-files]")) {
      this.layout.classList.toggle("is-adding");
      this.zone.querySelector<HTMLElement>("[data-choose]")?.focus();
    }
  }

  /** Lead the focus to what is new; a changed choice keeps it where it was. */
  private hearStepShown(): void {
    const card = document.getElementById("import-title");
    if (this.isFresh || (card && !this.layout.classList.contains("has-card"))) {
      (card ?? document.getElementById("preview-title"))?.focus();
    }
    this.layout.classList.toggle("has-card", card !== null);
    this.layout.classList.remove("is-adding");
    this.isFresh = false;
  }

  /** The ids of the files that the preview shows. */
  private get ids(): number[] {
    const field = document.getElementById("id_uploads") as HTMLInputElement | null;
    return (field?.value ?? "").split(",").filter(Boolean).map(Number);
  }

  private say(text: string): void {
    this.problem.textContent = text;
  }
}
