import { ApiError, type Api } from "./api";
import type { Task } from "./documents";

/** Gets the predictions of tasks that models predict only when somebody opens them. */
export class OpenedPredictions {
  private readonly asked = new Set<number>();

  /** @param isWanted - whether the project has a model that works like this. */
  constructor(
    private readonly api: Pick<Api, "openedPredictions">,
    private readonly isWanted: boolean,
  ) {}

  /**
   * Put the predictions that models give now into a task without any; true: there are some.
   *
   * A model that does not answer is no matter of the person who labels, and each task is asked for once.
   */
  async fill(task: Task): Promise<boolean> {
    if (!this.isWanted || task.predictions.length || this.asked.has(task.id)) {
      return false;
    }
    this.asked.add(task.id);
    try {
      task.predictions = await this.api.openedPredictions(task.id);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
    }
    return task.predictions.length > 0;
  }
}
