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
    frame.listen((message) => {
      if (this.shown === frame) {
        this.listen(message);
      }
    });
    frame.reveal();
    frame.focus();
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
    return new EditorFrame(this.stage, this.address, "Labeling editor");
  }
}

/** One frame with the editor, loaded out of sight; it shows one task and is then thrown away. */
export class EditorFrame {
  readonly loaded: Promise<void>;
  private readonly element = document.createElement("iframe");
  private readonly channel = new MessageChannel();

  constructor(stage: HTMLElement, address: string, title: string) {
    this.element.src = address;
    this.element.title = title;
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

  /** Hear what the frame says, from now on. */
  listen(listener: (message: FromEditor) => void): void {
    this.channel.port1.addEventListener("message", (event: MessageEvent<FromEditor>) => listener(event.data));
    this.channel.port1.start();
  }

  /** Let people see and use it. */
  reveal(): void {
    this.element.classList.remove("is-spare");
    this.element.inert = false;
  }

  focus(): void {
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
