/** Shows how an upload goes. */
import { counted, readableDuration, readableSize } from "./amounts";
import type { ChunkedUpload } from "./chunked_upload";
import { element } from "./elements";
import type { UploadQueue } from "./upload_queue";

const LISTED = 50;
const STATES: Record<ChunkedUpload["status"], string> = {
  waiting: "waiting",
  sending: "",
  lost: "waiting for the connection",
  done: "uploaded",
  failed: "",
  cancelled: "cancelled",
};

export class Progress {
  private readonly card = element("uploads-title").closest("section") as HTMLElement;
  private readonly bar = element<HTMLProgressElement>("uploads-bar");
  private readonly line = element("uploads-line");
  private readonly lost = element("uploads-lost");
  private readonly list = element("uploads-list");
  private readonly lineTemplate = element<HTMLTemplateElement>("upload-line");
  private states: HTMLElement[] = [];
  private scheduled = false;

  constructor(private readonly queue: UploadQueue) {
    this.list.replaceChildren(...this.lines());
    this.card.hidden = false;
    this.update();
  }

  /** Show the present state, at most once a frame. */
  schedule(): void {
    if (!this.scheduled) {
      this.scheduled = true;
      requestAnimationFrame(() => {
        this.scheduled = false;
        this.update();
      });
    }
  }

  hide(): void {
    this.card.hidden = true;
  }

  private update(): void {
    const { queue } = this;
    this.bar.max = queue.totalBytes || 1;
    this.bar.value = queue.sentBytes;
    this.line.textContent = this.summary();
    setText(this.lost, queue.isLost ? "The connection is lost. The upload goes on by itself when it is back." : "");
    this.states.forEach((state, index) => {
      const upload = queue.uploads[index];
      if (upload) {
        setText(state, stateOf(upload));
        state.classList.toggle("text-danger", upload.status === "failed");
      }
    });
  }

  private summary(): string {
    const { queue } = this;
    const ended = queue.done.length + queue.failed.length;
    const parts = [
      `${ended.toLocaleString("en")} of ${counted(queue.uploads.length, "file")}`,
      `${readableSize(queue.sentBytes)} of ${readableSize(queue.totalBytes)}`,
    ];
    const { perSecond } = queue.speed;
    if (perSecond && queue.secondsLeft) {
      parts.push(`${readableSize(perSecond)}/s`, `${readableDuration(queue.secondsLeft)} left`);
    }
    return parts.join(" · ");
  }

  private lines(): Node[] {
    this.states = [];
    const lines: Node[] = this.queue.uploads.slice(0, LISTED).map((upload) => {
      const line = this.lineTemplate.content.cloneNode(true) as DocumentFragment;
      const [name, state] = Array.from(line.querySelectorAll<HTMLElement>("span"));
      if (name && state) {
        name.textContent = upload.file.name;
        this.states.push(state);
      }
      return line;
    });
    const more = this.queue.uploads.length - LISTED;
    if (more > 0) {
      const item = document.createElement("li");
      item.textContent = `and ${counted(more, "more file")}`;
      lines.push(item);
    }
    return lines;
  }
}

function stateOf(upload: ChunkedUpload): string {
  if (upload.status === "failed") {
    return upload.problem;
  }
  if (upload.status === "sending") {
    return `${Math.floor((100 * upload.sent) / upload.file.size)} %`;
  }
  return STATES[upload.status];
}

/** Screen readers speak when a text is set, even to what it was. */
function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}
