import type { Start } from "./continuing";
import type { Completion } from "./documents";
import type { KeptDraft, QueuedSave } from "./local_store";
import type { Answer } from "./protocol";
import { randomUuid } from "./uuid";
import { WorkSession } from "./work_session";

/** One person's answer to one task while it is open: what a draft or a save of it is. */
export class Work {
  readonly startedFrom: Start;
  private session = new WorkSession();
  private uniqueId: string;
  private completion: number | null;
  private version: number | null;
  /** The `unique_id` of the save before, as long as the server does not have it. */
  private follows: string | null;

  constructor(
    private readonly person: number,
    private readonly project: number,
    readonly task: number,
    start: Start,
  ) {
    const { completion, draft, waiting } = start;
    this.startedFrom = start;
    this.uniqueId = draft?.uniqueId ?? randomUuid();
    this.completion = completion?.id ?? null;
    this.version = draft?.version ?? completion?.version ?? null;
    this.follows = waiting?.body.unique_id ?? null;
  }

  get completionId(): number | null {
    return this.completion;
  }

  /** Whether a save of it waits to be sent. */
  get isQueued(): boolean {
    return this.follows !== null;
  }

  isWaitingFor(uniqueId: string): boolean {
    return this.follows === uniqueId;
  }

  /** The person sees the task only now: it was opened ahead. */
  begin(): void {
    this.session = new WorkSession();
  }

  draftOf(answer: Answer): KeptDraft {
    return {
      person: this.person,
      project: this.project,
      task: this.task,
      completion: this.completion,
      version: this.version,
      result: answer.result,
      parentPrediction: this.parentOf(answer),
      uniqueId: this.uniqueId,
      session: this.session.id,
      leadTime: this.session.seconds,
      changedAt: Date.now(),
      isSent: false,
    };
  }

  /** What is sent to submit, update or skip; work that comes after it is another save. */
  take(answer: Answer, wasCancelled: boolean): Pick<QueuedSave, "project" | "task" | "completion" | "follows" | "body"> {
    const { result } = answer;
    const parentPrediction = this.parentOf(answer);
    const body = {
      completed_by: this.person,
      result,
      was_cancelled: wasCancelled,
      lead_time: this.session.seconds,
      session: this.session.id,
      unique_id: this.uniqueId,
      ...(parentPrediction === null ? {} : { parent_prediction: parentPrediction }),
      ...(this.version === null ? {} : { version: this.version }),
    };
    return { project: this.project, task: this.task, completion: this.completion, follows: this.follows, body };
  }

  /** A save was kept, but the server does not have it yet. */
  queued(uniqueId: string): void {
    this.follows = uniqueId;
    this.renew();
  }

  /** The server has the answer in this version. */
  stored(completion: Pick<Completion, "id" | "version">): void {
    this.completion = completion.id;
    this.version = completion.version;
    this.follows = null;
    this.renew();
  }

  /** The server said no: what is sent next is another attempt. */
  refused(): void {
    this.uniqueId = randomUuid();
  }

  /** The editor forgets which prediction restored work came from. */
  private parentOf(answer: Answer): number | null {
    return answer.parentPrediction ?? this.startedFrom.draft?.parentPrediction ?? null;
  }

  private renew(): void {
    this.uniqueId = randomUuid();
    this.session = new WorkSession();
  }
}
