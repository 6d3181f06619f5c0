import type { Api } from "./api";

/** The tasks one went through: those of this visit, and before them what one answered earlier. */
export class PastTasks {
  private readonly tasks: number[] = [];
  /** Behind the last one: none of them is shown. */
  private position = 0;
  /** The oldest answer that was asked for; null: there are no older ones. */
  private oldest: number | null | undefined;

  constructor(
    private readonly api: Api,
    private readonly project: number,
  ) {}

  /** A task was opened: it is the one shown, and the latest unless it was gone back to. */
  opened(task: number): void {
    if (this.tasks[this.position] === task) {
      return;
    }
    this.position = this.tasks.length;
    this.tasks.push(task);
  }

  /** Whether the task shown is the latest. */
  get isAtEnd(): boolean {
    return this.position >= this.tasks.length - 1;
  }

  /** Whether there may be a task before the one shown. */
  get mayGoBack(): boolean {
    return this.position > 0 || this.oldest !== null;
  }

  /** The task before the one shown; null: there is none. */
  async previous(): Promise<number | null> {
    while (this.position <= 0 && this.oldest !== null) {
      await this.remember();
    }
    if (this.position <= 0) {
      return null;
    }
    this.position -= 1;
    return this.tasks[this.position] ?? null;
  }

  /** The task after the one shown; null: a new one comes. */
  next(): number | null {
    const task = this.tasks[this.position + 1];
    if (task === undefined) {
      return null;
    }
    this.position += 1;
    return task;
  }

  /** Going back or on came to nothing: this one is shown still, or none. */
  stay(task: number | undefined): void {
    const place = task === undefined ? -1 : this.tasks.indexOf(task);
    this.position = place < 0 ? this.tasks.length : place;
  }

  private async remember(): Promise<void> {
    const answers = await this.api.answersBefore(this.project, this.oldest ?? undefined);
    this.oldest = answers.at(-1)?.id ?? null;
    const known = new Set(this.tasks);
    const earlier = [...new Set(answers.map((answer) => answer.task))].filter((task) => !known.has(task)).reverse();
    this.tasks.unshift(...earlier);
    this.position += earlier.length;
  }
}
