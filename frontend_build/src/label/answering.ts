import type { Api } from "./api";
import { startOf, type Start } from "./continuing";
import type { Completion, Task } from "./documents";
import { DraftBuffer, type DraftState } from "./draft_buffer";
import type { EditorHost } from "./editor_host";
import { orderOf, type Opening } from "./opening";
import type { LocalStore, QueuedSave } from "./local_store";
import type { Notices } from "./notices";
import { clockTime, type PageElements } from "./page_elements";
import { tellNotDone } from "./problems";
import type { Answer, OpenTask } from "./protocol";
import type { Outcome, SendQueue } from "./send_queue";
import { Work } from "./work";

/** A task that is ready to be shown. */
export interface ReadyTask {
  task: Task;
  start: Start;
  order: OpenTask;
}

export interface AnsweringOwner {
  /** Show the task anew, as the server has it. */
  reopen(): void;
  /** A draft could not be sent: nobody is signed in. */
  signedOut(): void;
}

/** The answer to the task that is shown: its drafts, and what becomes of it. */
export class Answering {
  private work: Work | undefined;
  private buffer: DraftBuffer | undefined;
  private isBusy = false;
  /** What was changed while a save was under way. */
  private changed: Answer | undefined;

  constructor(
    private readonly opening: Opening,
    private readonly api: Api,
    private readonly store: LocalStore,
    private readonly queue: SendQueue,
    private readonly host: EditorHost,
    private readonly page: PageElements,
    private readonly notices: Notices,
    private readonly owner: AnsweringOwner,
  ) {}

  /** The answer that is changed; null: a new one is made, or no task is shown. */
  get completion(): Completion | null {
    return this.work?.startedFrom.completion ?? null;
  }

  /** Whether the task has no answer of this person, not even one on its way. */
  get isUnanswered(): boolean {
    return this.work !== undefined && this.work.completionId === null && !this.work.isQueued;
  }

  /** Whether a save of it waits to be sent. */
  get isQueued(): boolean {
    return this.work?.isQueued ?? false;
  }

  /** Whether there is work that is not submitted. */
  get hasWork(): boolean {
    return this.buffer?.hasWork ?? false;
  }

  /** Find what the person goes on with. */
  async prepare(task: Task, chosen?: number): Promise<ReadyTask> {
    const { person } = this.opening;
    const kept = (await this.store.draftsOf(person.id)).filter((draft) => draft.task === task.id);
    const waiting = (await this.queue.waiting()).filter((save) => save.task === task.id);
    const start = startOf(task, person.id, kept, waiting, chosen);
    for (const draft of start.overtaken) {
      await this.store.dropDraft(person.id, draft.task, draft.completion);
    }
    return { task, start, order: orderOf(this.opening, task, start) };
  }

  /** The task is shown: what is said of it from now on is about this one. */
  begin({ task, start }: ReadyTask): void {
    this.leave();
    this.work = new Work(this.opening.person.id, this.opening.project, task.id, start);
    this.buffer = new DraftBuffer(this.store, this.api, start.draft?.serverId ?? null, (state) => this.tell(state));
    const { draft } = start;
    if (draft) {
      this.notices.tell("draft", `Your draft of ${clockTime(draft.savedAt)} was restored.`, [
        { label: "Discard", run: () => void this.discard() },
      ]);
    }
  }

  /** The page shows another task, or none; its draft goes on being saved. */
  leave(): void {
    void this.buffer?.flush();
    this.buffer = undefined;
    this.work = undefined;
  }

  change(answer: Answer): void {
    this.changed = answer;
    if (this.work && !this.isBusy) {
      this.changed = undefined;
      this.buffer?.change(this.work.draftOf(answer));
    }
  }

  /** Save what is not saved yet. */
  async flush(isLeaving = false): Promise<void> {
    await this.buffer?.flush(isLeaving);
  }

  /** Throw the draft away and show the stored answer. */
  async discard(): Promise<void> {
    const { work, buffer } = this;
    try {
      await this.throwAway(work, buffer);
    } catch (error) {
      tellNotDone(this.page, "The draft could not be thrown away.", error);
      return;
    }
    this.owner.reopen();
  }

  /** Submit, update or skip; undefined: one is under way, or no task is shown. */
  async save(answer: Answer, wasCancelled: boolean): Promise<Outcome | undefined> {
    const { work, buffer } = this;
    if (this.isBusy || !work) {
      return undefined;
    }
    this.isBusy = true;
    buffer?.hold();
    this.changed = undefined;
    this.page.hideProblem();
    this.page.showState({ kind: "saving" });
    try {
      const save = work.take(answer, wasCancelled);
      const outcome = await this.queue.deliver(save);
      await this.note(work, buffer, save, outcome);
      if (outcome.kind === "refused") {
        buffer?.change(work.draftOf(answer)); // it may be newer than the last change
      }
      return outcome;
    } finally {
      this.isBusy = false;
      if (this.changed && this.work === work) {
        this.change(this.changed);
      }
    }
  }

  /** A save that had to wait went out. */
  stored(save: QueuedSave, completion: Completion): void {
    if (this.work?.task === save.task && this.work.isWaitingFor(save.body.unique_id)) {
      this.work.stored(completion);
      this.host.send({ type: "saved", id: completion.id });
    }
  }

  private async note(
    work: Work,
    buffer: DraftBuffer | undefined,
    save: Pick<QueuedSave, "body">,
    outcome: Outcome,
  ): Promise<void> {
    if (outcome.kind === "refused") {
      work.refused();
      return;
    }
    this.notices.close("draft");
    if (outcome.kind === "replaced") {
      await this.throwAway(work, buffer);
      return;
    }
    await buffer?.close();
    if (outcome.kind === "waiting") {
      work.queued(save.body.unique_id);
    } else {
      work.stored(outcome.completion);
      this.host.send({ type: "saved", id: outcome.completion.id });
    }
    this.renewBuffer(work);
  }

  private tell(state: DraftState): void {
    this.page.showState(state);
    if (state.kind === "signed-out") {
      this.owner.signedOut();
    }
  }

  private async throwAway(work: Work | undefined, buffer: DraftBuffer | undefined): Promise<void> {
    if (work && buffer) {
      for (const completion of [null, work.completionId]) {
        await this.store.dropDraft(this.opening.person.id, work.task, completion);
      }
      await buffer.discard(work.task, work.completionId);
    }
  }

  /** What is changed after a save is a draft of its own. */
  private renewBuffer(work: Work): void {
    if (this.work === work) {
      this.buffer = new DraftBuffer(this.store, this.api, null, (state) => this.tell(state));
    }
  }
}
