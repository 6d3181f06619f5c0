import { ApiError, type Api, type Completion, type CompletionBody, type Task } from "./api";
import { EditorHost } from "./editor_host";
import { editorInterfaces } from "./interfaces";
import type { PageElements } from "./page_elements";
import type { Answer, FromEditor, Person } from "./protocol";
import { AnswerSaving } from "./saving";
import { withTexts } from "./task_texts";

export interface LabelPageContext {
  project: number;
  /** The one task to open; null: the stream of tasks. */
  task: number | null;
  config: string;
  maySkip: boolean;
  mayBeEmpty: boolean;
  showPredictions: boolean;
  /** Keys of the data that the config shows as text: the editor shows nothing for a number there. */
  textKeys: string[];
  person: Person;
  frameAddress: string;
  signInAddress: string;
}

/** Hands one task after the other to the editor and its answers to the server. */
export class Labeling {
  private readonly host: EditorHost;
  private saving: AnswerSaving | undefined;
  /** Ids of the tasks shown so far, and which of them is shown. */
  private readonly visited: number[] = [];
  private position = -1;
  private isBusy = false;
  private isOpened = false;
  private unsaved: CompletionBody | undefined;

  constructor(
    private readonly context: LabelPageContext,
    private readonly api: Api,
    private readonly page: PageElements,
  ) {
    this.host = new EditorHost(page.stage, context.frameAddress, (message) => this.hear(message));
    page.previous.addEventListener("click", () => void this.goBack());
    page.next.addEventListener("click", () => void this.goOn());
    addEventListener("online", () => void this.saveAgain());
    addEventListener("beforeunload", (event) => {
      if (this.unsaved) {
        event.preventDefault();
      }
    });
  }

  /** Open the first task. */
  async start(): Promise<void> {
    await (this.context.task === null ? this.openNext() : this.openTask(this.context.task));
  }

  private async openNext(): Promise<void> {
    await this.load(() => this.api.nextTask(this.context.project), () => void this.openNext());
  }

  private async openTask(id: number): Promise<void> {
    await this.load(() => this.api.task(id), () => void this.openTask(id));
  }

  private async goBack(): Promise<void> {
    const id = this.visited[this.position - 1];
    if (id !== undefined) {
      this.position -= 1;
      await this.openTask(id);
    }
  }

  private async goOn(): Promise<void> {
    const id = this.visited[this.position + 1];
    if (id === undefined) {
      await this.openNext();
    } else {
      this.position += 1;
      await this.openTask(id);
    }
  }

  private async load(fetchTask: () => Promise<Task>, again: () => void): Promise<void> {
    this.page.hideProblem();
    this.page.showState("loading");
    try {
      await this.show(await fetchTask());
    } catch (error) {
      this.explain(error, again);
    }
  }

  private explain(error: unknown, again: () => void): void {
    this.page.showState("ready");
    if (error instanceof ApiError && error.status === 404) {
      this.host.close();
      this.page.showEmpty(error.message);
      return;
    }
    const detail = error instanceof Error ? error.message : String(error);
    this.page.showProblem({
      title: "The task could not be loaded.",
      detail,
      ...this.signInLink(error),
      actions: [{ label: "Try again", run: again }],
    });
  }

  private async show(task: Task): Promise<void> {
    const own = ownCompletion(task, this.context.person.id);
    this.saving = new AnswerSaving(this.api, task.id, own?.id ?? null);
    this.unsaved = undefined;
    this.isOpened = false;
    this.remember(task.id);
    this.page.showTask(task.id);
    await this.host.open({
      type: "open",
      task: { id: task.id, data: withTexts(task.data, this.context.textKeys) },
      config: this.context.config,
      interfaces: editorInterfaces(this.context),
      person: this.context.person,
      answer: own ? { id: own.id, result: own.result, skipped: own.was_cancelled } : null,
      predictions: this.context.showPredictions ? task.predictions : [],
    });
  }

  private remember(id: number): void {
    if (this.visited[this.position] !== id) {
      this.position = this.visited.length;
      this.visited.push(id);
    }
    this.page.previous.disabled = this.position < 1;
  }

  private hear(message: FromEditor): void {
    switch (message.type) {
      case "opened":
        this.isOpened = true;
        this.page.showState("ready");
        break;
      case "changed":
        this.page.showState("changed");
        break;
      case "submit":
        void this.save(bodyOf(message, false));
        break;
      case "skip":
        void this.save(bodyOf(message, true));
        break;
      case "failed":
        this.reportEditorFailure(message.message);
    }
  }

  private async save(body: CompletionBody): Promise<void> {
    const saving = this.saving;
    if (this.isBusy || !saving) {
      return;
    }
    this.isBusy = true;
    this.unsaved = body;
    this.page.hideProblem();
    this.page.showState("saving");
    try {
      const id = await saving.save(body);
      this.unsaved = undefined;
      this.host.send({ type: "saved", id });
      this.page.showState(body.was_cancelled ? "skipped" : "saved");
    } catch (error) {
      this.reportUnsaved(error);
      return;
    } finally {
      this.isBusy = false;
    }
    await this.afterSaving();
  }

  private async saveAgain(): Promise<void> {
    if (this.unsaved) {
      await this.save(this.unsaved);
    }
  }

  /** The stream goes on; a task that was opened by its address stays. */
  private async afterSaving(): Promise<void> {
    if (this.context.task !== null && this.visited.length === 1) {
      document.dispatchEvent(new CustomEvent("label:progress"));
      return;
    }
    await this.goOn();
  }

  private reportUnsaved(error: unknown): void {
    this.page.showState("failed");
    const isSignedOut = error instanceof ApiError && error.isSignedOut;
    this.page.showProblem({
      title: isSignedOut ? "You are signed out; your work is still here." : "Your work is not saved yet; it is still here.",
      detail: isSignedOut
        ? "Sign in in another tab, then come back and save again."
        : error instanceof Error
          ? error.message
          : String(error),
      ...this.signInLink(error),
      actions: [{ label: "Save again", run: () => void this.saveAgain() }],
    });
  }

  private reportEditorFailure(message: string): void {
    const skip = { label: "Skip this task", run: () => void this.save(emptySkip()) };
    this.page.showProblem({
      title: this.isOpened ? "The editor reports a problem." : "The editor cannot show this task.",
      detail: `${message} A manager can check the task's data and the labeling config.`,
      actions: [
        ...(this.context.maySkip && !this.isOpened ? [skip] : []),
        { label: "Dismiss", run: () => this.page.hideProblem() },
      ],
    });
  }

  private signInLink(error: unknown): { link?: { label: string; address: string } } {
    const isSignedOut = error instanceof ApiError && error.isSignedOut;
    return isSignedOut ? { link: { label: "Sign in", address: this.context.signInAddress } } : {};
  }
}

function ownCompletion(task: Task, person: number): Completion | undefined {
  return task.annotations.findLast((completion) => {
    const author = completion.completed_by;
    return (typeof author === "object" ? author?.id : author) === person;
  });
}

function bodyOf(answer: Answer, wasCancelled: boolean): CompletionBody {
  return {
    result: answer.result,
    lead_time: answer.leadTime,
    was_cancelled: wasCancelled,
    ...(answer.parentPrediction === null ? {} : { parent_prediction: answer.parentPrediction }),
  };
}

function emptySkip(): CompletionBody {
  return { result: [], lead_time: 0, was_cancelled: true };
}
