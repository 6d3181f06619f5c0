/** One file on its way to the server, part by part; a lost connection only makes it wait. */
import { announce, giveUp, sendPart, stateOfUpload, UploadError } from "./server";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export type UploadStatus = "waiting" | "sending" | "lost" | "done" | "failed" | "cancelled";

/** What an upload asks of the queue it is in. */
export interface QueueOfUploads {
  onChange: () => void;
  inTurn: <Result>(act: () => Promise<Result>) => Promise<Result>;
}

export class ChunkedUpload {
  status: UploadStatus = "waiting";
  /** Bytes that have gone, including those of the part that is on its way. */
  sent = 0;
  /** Why it failed. */
  problem = "";
  /** Its number on the server, once that is known. */
  id: number | undefined;

  private partSize = 0;
  private readonly abort = new AbortController();

  constructor(
    readonly file: File,
    private readonly project: number,
    private readonly queue: QueueOfUploads,
  ) {}

  /** Send all of it; returns when it is done, failed or cancelled. */
  async run(): Promise<void> {
    let wait = FIRST_WAIT_MS;
    while (this.status === "waiting" || this.status === "lost") {
      try {
        await this.send(() => (wait = FIRST_WAIT_MS));
      } catch (error) {
        this.hear(error);
        if (this.status === "lost") {
          await pause(wait, this.abort.signal);
          wait = Math.min(2 * wait, LONGEST_WAIT_MS);
        }
      }
    }
  }

  /** Stop, and leave nothing on the server. */
  cancel(): void {
    if (this.status === "failed" || this.status === "cancelled") {
      return;
    }
    this.set("cancelled");
    this.abort.abort();
    if (this.id !== undefined) {
      giveUp(this.id);
    }
  }

  private async send(onPart: () => void): Promise<void> {
    const { signal } = this.abort;
    let offset = 0;
    if (this.id === undefined) {
      const announced = await this.queue.inTurn(() => announce(this.project, this.file, signal));
      this.id = announced.id;
      this.partSize = announced.partSize;
    } else {
      ({ offset } = await stateOfUpload(this.id, signal));
    }
    while (offset < this.file.size) {
      this.sent = offset;
      this.set("sending");
      offset = await this.sendFrom(this.id, offset, signal);
      onPart();
    }
    this.sent = this.file.size;
    this.set("done");
  }

  /** Send the part at `offset` and return where the next one begins. */
  private async sendFrom(id: number, offset: number, signal: AbortSignal): Promise<number> {
    const part = this.file.slice(offset, offset + this.partSize);
    const onProgress = (bytes: number): void => {
      this.sent = offset + Math.min(bytes, part.size);
      this.queue.onChange();
    };
    try {
      return (await sendPart(id, offset, part, onProgress, signal)).offset;
    } catch (error) {
      // Elsewhere than here: the part had arrived, but its answer had not.
      if (error instanceof UploadError && error.offset !== undefined && error.offset !== offset) {
        return error.offset;
      }
      throw error;
    }
  }

  private hear(error: unknown): void {
    if (this.status === "cancelled") {
      return;
    }
    if (error instanceof UploadError && error.isTemporary) {
      this.set("lost");
      return;
    }
    this.problem = error instanceof Error ? error.message : String(error);
    this.set("failed");
    if (this.id !== undefined) {
      giveUp(this.id);
    }
  }

  private set(status: UploadStatus): void {
    if (this.status !== "cancelled") {
      this.status = status;
    }
    this.queue.onChange();
  }
}

/** Wait, but no longer than until the browser is online again. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
    signal.addEventListener("abort", end, { once: true });
  });
}
