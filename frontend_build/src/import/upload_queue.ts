/** Several uploads, a few at a time. */
import { ChunkedUpload } from "./chunked_upload";
import { Speed } from "./speed";

const AT_ONCE = 3;

export class UploadQueue {
  readonly uploads: ChunkedUpload[];
  readonly speed = new Speed();
  readonly totalBytes: number;
  private next = 0;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(
    files: readonly File[],
    project: number,
    private readonly onChange: () => void,
  ) {
    this.uploads = files.map((file) => new ChunkedUpload(file, project, {
      onChange: () => this.hearChange(),
      inTurn: (act) => this.inTurn(act),
    }));
    this.totalBytes = files.reduce((total, file) => total + file.size, 0);
  }

  /** Send all; returns when none is left to send. */
  async run(): Promise<void> {
    this.speed.note(0);
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.work()));
  }

  /** Stop all of them. */
  cancel(): void {
    this.next = this.uploads.length;
    for (const upload of this.uploads) {
      upload.cancel();
    }
  }

  get sentBytes(): number {
    return this.uploads.reduce((total, upload) => total + upload.sent, 0);
  }

  get done(): ChunkedUpload[] {
    return this.uploads.filter((upload) => upload.status === "done");
  }

  get failed(): ChunkedUpload[] {
    return this.uploads.filter((upload) => upload.status === "failed");
  }

  get isLost(): boolean {
    return this.uploads.some((upload) => upload.status === "lost");
  }

  get secondsLeft(): number | undefined {
    const speed = this.speed.perSecond;
    return speed ? (this.totalBytes - this.sentBytes) / speed : undefined;
  }

  private async work(): Promise<void> {
    for (let upload = this.uploads[this.next++]; upload; upload = this.uploads[this.next++]) {
      await upload.run();
    }
  }

  /** Do one after the other what gives files their numbers: tasks come in the order of these. */
  private inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.lastTurn.then(act);
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }

  private hearChange(): void {
    if (this.isLost) {
      this.speed.reset();
    } else {
      this.speed.note(this.sentBytes);
    }
    this.onChange();
  }
}
