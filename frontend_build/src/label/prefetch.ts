import { ApiError, type Api } from "./api";
import type { Task } from "./documents";

/** How long ago a reservation may have been seen alive for it to be trusted. */
const TRUSTED_MS = 90_000;

interface Fetched {
  task: Task;
  at: number;
}

/** Reserves the task after the one in hand and keeps it ready, and the one after that when a submit brought it along. */
export class Prefetch {
  private coming: Promise<Fetched | null> | undefined;
  /** What `coming` has come to. */
  private arrived: Fetched | undefined;
  /** The task after that one. */
  private following: Fetched | undefined;

  /** @param stillHeld - asks the server whether a task is still reserved for this person. */
  constructor(
    private readonly api: Pick<Api, "nextTask">,
    private readonly project: number,
    private readonly stillHeld: (task: number) => Promise<boolean>,
  ) {}

  /** Whether a task is just being reserved, so that asking for another one would be told of the same. */
  get isBusy(): boolean {
    return this.coming !== undefined && !this.arrived;
  }

  /** The task that is ready. */
  get ready(): number | undefined {
    return this.arrived?.task.id;
  }

  /** Keep a task that is reserved already, behind the one that is ready. */
  put(task: Task): void {
    const fetched = { task, at: Date.now() };
    if (this.coming) {
      this.following = fetched;
    } else {
      this.keep(fetched);
    }
  }

  /** Reserve a task besides the one in hand, unless one is there or coming. */
  async fetch(besides: number): Promise<Task | null> {
    if (this.ready === besides) {
      this.advance();
    }
    const coming = (this.coming ??= this.reserve(besides));
    const fetched = await coming;
    if (this.coming === coming) {
      this.keep(fetched ?? undefined);
    }
    return fetched?.task ?? null;
  }

  /** Hand the task over; null: there is none, or somebody else has got it. */
  async take(): Promise<Task | null> {
    const fetched = await this.coming;
    this.advance();
    if (!fetched) {
      return null;
    }
    const isFresh = Date.now() - fetched.at < TRUSTED_MS;
    return isFresh || (await this.stillHeld(fetched.task.id)) ? fetched.task : null;
  }

  /** Forget a task whose reservation is gone; true: it was this one. */
  async drop(task: number): Promise<boolean> {
    if (this.following?.task.id === task) {
      this.following = undefined;
    }
    const isThis = (await this.coming)?.task.id === task;
    if (isThis) {
      this.advance();
    }
    return isThis;
  }

  private keep(fetched: Fetched | undefined): void {
    this.arrived = fetched;
    this.coming = fetched && Promise.resolve(fetched);
  }

  private advance(): void {
    const { following } = this;
    this.following = undefined;
    this.keep(following);
  }

  private async reserve(besides: number): Promise<Fetched | null> {
    try {
      const task = await this.api.nextTask(this.project, besides);
      return task.id === besides ? null : { task, at: Date.now() };
    } catch (error) {
      // No task to get ready, or no server: whoever wants the next task asks again, and is told why.
      if (error instanceof ApiError) {
        return null;
      }
      throw error;
    }
  }
}
