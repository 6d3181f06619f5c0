import type { Api } from "./api";
import type { Answering, ReadyTask } from "./answering";
import type { Task } from "./documents";
import type { EditorHost } from "./editor_host";
import type { LeaseKeeper } from "./lease";
import type { OpenedPredictions } from "./opened_predictions";
import { Prefetch } from "./prefetch";

/** The task after the one that is shown: reserved, and opened out of sight, so that it appears at once. */
export class ComingTask {
  private readonly prefetch: Prefetch;
  private ready: ReadyTask | undefined;

  constructor(
    private readonly api: Pick<Api, "nextTask">,
    private readonly project: number,
    private readonly leases: Pick<LeaseKeeper, "hold" | "renew">,
    private readonly opened: Pick<OpenedPredictions, "fill">,
    private readonly answering: Pick<Answering, "prepare">,
    private readonly host: Pick<EditorHost, "prepare" | "unprepare">,
  ) {
    this.prefetch = new Prefetch(api, project, (task) => leases.renew(task));
  }

  /** Whether one is open out of sight. */
  get isThere(): boolean {
    return this.ready !== undefined;
  }

  /** The task that is reserved, opened or not. */
  get reserved(): number | undefined {
    return this.prefetch.ready;
  }

  /** Whether one is just being reserved. */
  get isBeingReserved(): boolean {
    return this.prefetch.isBusy;
  }

  /** Keep a task that the server reserved when it stored an answer. */
  put(task: Task): void {
    this.leases.hold(task.id);
    this.prefetch.put(task);
  }

  /** Hand over the task that is reserved, or reserve one. */
  async take(): Promise<Task> {
    const kept = await this.prefetch.take();
    const task = kept ?? (await this.api.nextTask(this.project));
    this.leases.hold(task.id);
    return task;
  }

  /** Return what was got ready if it is this very task. */
  of(task: Task): ReadyTask | undefined {
    return this.ready?.task === task ? this.ready : undefined;
  }

  /** Another task is shown: this one is no longer to come. */
  forget(): void {
    this.ready = undefined;
  }

  /**
   * Reserve the task after `shown` and open it out of sight, unless there is one.
   *
   * @param isStillShown - whether `shown` is still what the person sees.
   */
  async getReady(shown: Task, isStillShown: () => boolean): Promise<void> {
    if (this.ready) {
      return;
    }
    const task = await this.prefetch.fetch(shown.id);
    if (task && !this.ready) {
      this.leases.hold(task.id);
      await this.opened.fill(task);
    }
    if (task && !this.ready && isStillShown()) {
      this.ready = await this.answering.prepare(task);
      await this.host.prepare(this.ready.order);
    }
  }

  /** Throw it away if it is this task, whose reservation is gone; true: it was. */
  async drop(task: number): Promise<boolean> {
    const isThis = await this.prefetch.drop(task);
    if (isThis) {
      this.ready = undefined;
      this.host.unprepare();
    }
    return isThis;
  }
}
