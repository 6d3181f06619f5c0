import { ApiError, type Api } from "./api";
import type { Task } from "./documents";

/** How long ago a reservation may have been seen alive for it to be trusted. */
const TRUSTED_MS = 90_000;

interface Fetched {
  task: Task;
  at: number;
}

/** Reserves the task after the one in hand and keeps it ready. */
export class Prefetch {
  private coming: Promise<Fetched | null> | undefined;

  /** @param stillHeld - asks the server whether a task is still reserved for this person. */
  constructor(
    private readonly api: Api,
    private readonly project: number,
    private readonly stillHeld: (task: number) => Promise<boolean>,
  ) {}

  /** Reserve a task besides the one in hand, unless one is there or coming. */
  async fetch(besides: number): Promise<Task | null> {
    this.coming ??= this.reserve(besides);
    const fetched = await this.coming;
    if (!fetched) {
      this.coming = undefined;
    }
    return fetched?.task ?? null;
  }

  /** Hand the task over; null: there is none, or somebody else has got it. */
  async take(): Promise<Task | null> {
    const fetched = await this.coming;
    this.coming = undefined;
    if (!fetched) {
      return null;
    }
    const isFresh = Date.now() - fetched.at < TRUSTED_MS;
    return isFresh || (await this.stillHeld(fetched.task.id)) ? fetched.task : null;
  }

  /** Forget a task whose reservation is gone; true: it was this one. */
  async drop(task: number): Promise<boolean> {
    const isThis = (await this.coming)?.task.id === task;
    if (isThis) {
      this.coming = undefined;
    }
    return isThis;
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
