/** Shows how a config labels, in frames that save nothing. */
import { EditorFrame } from "../label/editor_host";
import type { FromEditor, OpenTask, Person, ResultItem } from "../label/protocol";
import { element } from "./elements";

/** Without buttons to submit or skip: there is nothing to save. */
const INTERFACES = ["panel", "topbar", "side-column", "annotations:current", "edit-history"];
const SLOW_MS = 10_000;

export interface PreviewContent {
  config: string;
  /** The id of the task; 0 for sample data. */
  task: number;
  data: Record<string, unknown>;
}

/**
 * Shows one content after the other; each in a frame of its own, which takes the place of the last one when it is ready.
 *
 * What cannot be shown leaves the last good preview, dimmed, with the reason above it.
 */
export class Preview {
  private readonly stage = element("preview-stage");
  private readonly state = element("preview-state");
  private readonly problem = element("preview-problem");
  private readonly result = element("preview-result");
  private spare: EditorFrame | undefined;
  private coming: EditorFrame | undefined;
  private shown: EditorFrame | undefined;
  private waiting: PreviewContent | undefined;
  private isVisible = false;
  private slowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly address: string,
    private readonly person: Person,
  ) {}

  /** Whether the preview has room on the page: a frame that is not laid out would measure nothing. */
  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    const { waiting } = this;
    if (isVisible && waiting) {
      void this.show(waiting);
    }
  }

  /** Show a content as soon as there is room. */
  async show(content: PreviewContent): Promise<void> {
    this.waiting = content;
    if (!this.isVisible) {
      return;
    }
    this.say("Updating…");
    this.coming?.remove();
    const frame = (this.coming = this.spare ?? this.load());
    this.spare = undefined;
    await frame.loaded;
    if (this.coming === frame && this.waiting === content) {
      this.waiting = undefined;
      frame.listen((message) => this.hear(frame, message));
      frame.send(this.order(content));
      this.slowTimer = setTimeout(() => this.say("The preview takes long; the task's files may be large."), SLOW_MS);
      this.spare = this.load();
    }
  }

  /** Keep what is shown, dimmed, and say why. */
  refuse(reason: string): void {
    this.drop();
    this.stage.classList.toggle("is-stale", this.shown !== undefined);
    this.warn(reason);
    this.say(this.shown ? "Showing the last config that worked" : "");
  }

  /** Show nothing: there is no config. */
  clear(): void {
    this.drop();
    this.shown?.remove();
    this.shown = undefined;
    this.stage.classList.remove("has-preview");
    this.problem.hidden = true;
    this.say("");
  }

  private drop(): void {
    this.waiting = undefined;
    this.coming?.remove();
    this.coming = undefined;
  }

  private load(): EditorFrame {
    return new EditorFrame(this.stage, this.address, "Preview of the labeling editor");
  }

  private order(content: PreviewContent): OpenTask {
    return {
      type: "open",
      task: { id: content.task, data: content.data },
      config: content.config,
      interfaces: INTERFACES,
      person: this.person,
      answer: null,
      predictions: [],
      isPreview: true,
    };
  }

  private hear(frame: EditorFrame, message: FromEditor): void {
    if (message.type === "opened" && frame === this.coming) {
      this.reveal(frame);
    } else if (message.type === "result" && frame === this.shown) {
      this.showResult(message.result);
    } else if (message.type === "failed" && frame === this.coming) {
      this.refuse(`The editor cannot show this: ${message.message}`);
    } else if (message.type === "failed" && frame === this.shown) {
      this.warn(`The editor reports: ${message.message}`);
    }
  }

  private reveal(frame: EditorFrame): void {
    this.shown?.remove();
    this.shown = frame;
    this.coming = undefined;
    frame.reveal();
    this.stage.classList.remove("is-stale");
    this.stage.classList.add("has-preview");
    this.problem.hidden = true;
    this.showResult([]);
    this.say("Up to date");
  }

  private warn(reason: string): void {
    this.problem.textContent = reason;
    this.problem.hidden = false;
  }

  private showResult(result: ResultItem[]): void {
    this.result.textContent = result.length
      ? JSON.stringify(result, null, 2)
      : "[]\n\nAnswer something in the preview to see what is stored.";
  }

  private say(text: string): void {
    clearTimeout(this.slowTimer);
    this.state.textContent = text;
  }
}
