import { ApiError, type Api } from "./api";

const BEAT_MS = 60_000;

/**
 * Keeps the reservations of the tasks that a page has open, as long as somebody is there.
 *
 * Somebody is there while the page is visible, and in a page out of sight, if work went on since the last beat.
 */
export class LeaseKeeper {
  private readonly held = new Set<number>();
  private hasWorked = false;

  /** @param lost - is told of a task whose reservation is gone, and whether it got all its answers meanwhile. */
  constructor(
    private readonly api: Api,
    private readonly lost: (task: number, isLabeled: boolean) => void,
  ) {}

  /** Begin to beat. */
  start(): void {
    setInterval(() => void this.beat(), BEAT_MS);
  }

  /** The server reserved this task just now. */
  hold(task: number): void {
    this.held.add(task);
  }

  /** The task was submitted, which ends its reservation. */
  forget(task: number | undefined): void {
    this.held.delete(task ?? 0);
  }

  /** Somebody works. */
  noteWork(): void {
    this.hasWorked = true;
  }

  /** Prolong every reservation. */
  async beat(): Promise<void> {
    if (document.visibilityState === "visible" || this.hasWorked) {
      this.hasWorked = false;
      await Promise.all([...this.held].map((task) => this.renew(task)));
    }
  }

  /** Prolong one; false: it is gone. What cannot be known while the server is away counts as held. */
  async renew(task: number): Promise<boolean> {
    try {
      await this.api.renewLease(task);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && this.held.delete(task)) {
        this.lost(task, error.body.reason === "labeled");
        return false;
      }
      return true;
    }
  }

  /** Let others have the tasks at once, but for those that there is work on. */
  giveBack(isKept: (task: number) => boolean): void {
    for (const task of this.held) {
      if (!isKept(task)) {
        this.held.delete(task);
        // Nobody is there any more to hear of a failure; the reservation then ends by itself.
        this.api.giveLeaseBack(task).catch(() => undefined);
      }
    }
  }
}
