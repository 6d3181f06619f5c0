import type { Connect, FromEditor, OpenTask, ToEditor } from "./protocol";

const CONNECT: Connect = "label-studio:connect";

/**
 * Shows tasks in editor frames.
 *
 * A frame shows one task and is then thrown away: that is the only way to free what the editor holds. The next frame
 * is loaded in the background meanwhile, so that a task appears at once.
 */
export class EditorHost {
  private shown: EditorFrame | undefined;
  private spare: EditorFrame;

  constructor(
    private readonly stage: HTMLElement,
    private readonly address: string,
    private readonly listen: (message: FromEditor) => void,
  ) {
    this.spare = this.load();
  }

  /** Show a task in place of the one shown now. */
  async open(order: OpenTask): Promise<void> {
    const frame = this.spare;
    await frame.loaded;
    this.close();
    this.shown = frame;
    frame.show((message) => {
      if (this.shown === frame) {
        this.listen(message);
      }
    });
    frame.send(order);
    this.spare = this.load();
  }

  /** Tell the frame that is shown. */
  send(message: ToEditor): void {
    this.shown?.send(message);
  }

  /** Remove the task that is shown. */
  close(): void {
    this.shown?.remove();
    this.shown = undefined;
  }

  private load(): EditorFrame {
    return new EditorFrame(this.stage, this.address);
  }
}

class EditorFrame {
  readonly loaded: Promise<void>;
  private readonly element = document.createElement("iframe");
  private readonly channel = new MessageChannel();

  constructor(stage: HTMLElement, address: string) {
    this.element.src = address;
    this.element.title = "Labeling editor";
    this.element.className = "editor-frame is-spare";
    this.element.inert = true;
    this.loaded = new Promise((resolve) => {
      this.element.addEventListener("load", () => {
        this.element.contentWindow?.postMessage(CONNECT, location.origin, [this.channel.port2]);
        resolve();
      }, { once: true });
    });
    stage.append(this.element);
  }

  show(listen: (message: FromEditor) => void): void {
    this.element.classList.remove("is-spare");
    this.element.inert = false;
    this.channel.port1.addEventListener("message", (event: MessageEvent<FromEditor>) => listen(event.data));
    this.channel.port1.start();
    this.element.contentWindow?.focus();
  }

  send(message: ToEditor): void {
    this.channel.port1.postMessage(message);
  }

  remove(): void {
    this.channel.port1.close();
    this.element.remove();
  }
}
