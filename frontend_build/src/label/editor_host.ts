import type { Connect, FromEditor, OpenTask, ToEditor } from "./protocol";

const CONNECT: Connect = "label-studio:connect";

/**
 * Shows tasks in editor frames.
 *
 * A frame shows one task and is then thrown away: that is the only way to free what the editor holds. The next frame
 * is loaded in the background meanwhile, with the next task in it if that is known, so that it appears at once.
 */
export class EditorHost {
  private shown: EditorFrame | undefined;
  private spare: EditorFrame | undefined;
  private prepared: { task: number; frame: EditorFrame; said: FromEditor[] } | undefined;

  constructor(
    private readonly stage: HTMLElement,
    private readonly address: string,
    private readonly listen: (message: FromEditor) => void,
  ) {
    this.spare = this.load();
  }

  /** Open a task out of sight, to be shown next. */
  async prepare(order: OpenTask): Promise<void> {
    this.unprepare();
    const frame = await this.takeLoaded();
    const said: FromEditor[] = [];
    this.prepared = { task: order.task.id, frame, said };
    frame.listen((message) => (this.shown === frame ? this.listen(message) : said.push(message)));
    frame.send({ ...order, isInBackground: true });
  }

  /** Throw away what was prepared. */
  unprepare(): void {
    this.prepared?.frame.remove();
    this.prepared = undefined;
  }

  /** Show the task that was prepared in place of the one shown now; false: it is another one. */
  showPrepared(task: number): boolean {
    const { prepared } = this;
    if (prepared?.task !== task) {
      return false;
    }
    this.prepared = undefined;
    this.replace(prepared.frame);
    prepared.frame.send({ type: "focus" });
    prepared.said.forEach((message) => this.listen(message));
    return true;
  }

  /**
   * Show a task in place of the one shown now, in which nothing can be done from now on.
   *
   * Throws when the editor does not load, as without a connection.
   */
  async open(order: OpenTask): Promise<void> {
    this.shown?.rest();
    const frame = await this.takeLoaded();
    frame.listen((message) => {
      if (this.shown === frame) {
        this.listen(message);
      }
    });
    this.replace(frame);
    frame.send(order);
  }

  /** Tell the frame that is shown. */
  send(message: ToEditor): void {
    this.shown?.send(message);
  }

  /** Tell every frame. */
  sendAll(message: ToEditor): void {
    this.send(message);
    this.prepared?.frame.send(message);
  }

  /** Give the editor that is shown the focus. */
  focus(): void {
    this.shown?.focus();
  }

  /** Remove the task that is shown. */
  close(): void {
    this.shown?.remove();
    this.shown = undefined;
  }

  private replace(frame: EditorFrame): void {
    this.close();
    this.shown = frame;
    frame.reveal();
    frame.focus();
    this.spare ??= this.load();
  }

  /** Take the frame that was loaded ahead; one that was loaded without a connection, say, is loaded again. */
  private async takeLoaded(): Promise<EditorFrame> {
    const ahead = this.spare ?? this.load();
    this.spare = undefined;
    if (await ahead.loaded) {
      return ahead;
    }
    ahead.remove();
    const again = this.load();
    if (await again.loaded) {
      return again;
    }
    again.remove();
    throw new Error("The editor could not be loaded.");
  }

  private load(): EditorFrame {
    return new EditorFrame(this.stage, this.address, "Labeling editor");
  }
}

/** One frame with the editor, loaded out of sight; it shows one task and is then thrown away. */
export class EditorFrame {
  /** Whether the editor is there; a browser or a server that has none shows an error or another page. */
  readonly loaded: Promise<boolean>;
  private readonly element = document.createElement("iframe");
  private readonly channel = new MessageChannel();

  constructor(stage: HTMLElement, address: string, title: string) {
    this.element.src = address;
    this.element.title = title;
    this.element.className = "editor-frame is-spare";
    this.element.inert = true;
    this.loaded = new Promise((resolve) => {
      this.element.addEventListener("load", () => {
        const isEditor = Boolean(this.element.contentDocument?.getElementById("editor"));
        if (isEditor) {
          this.element.contentWindow?.postMessage(CONNECT, location.origin, [this.channel.port2]);
        }
        resolve(isEditor);
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

  /** Take and say nothing more: the page goes on with another task while this one is still seen. */
  rest(): void {
    this.element.inert = true;
    this.channel.port1.close();
  }

  send(message: ToEditor): void {
    this.channel.port1.postMessage(message);
  }

  remove(): void {
    this.channel.port1.close();
    this.element.remove();
  }
}
