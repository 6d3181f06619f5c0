import { ApiError, type Api } from "./api";
import type { Completion, Conflict, Task } from "./documents";
import { MemoryStore, type LocalStore, type QueuedSave } from "./local_store";
import type { ResultItem } from "./protocol";
import { randomUuid } from "./uuid";

const FIRST_RETRY_MS = 3_000;
const LAST_RETRY_MS = 60_000;
/** An error inside the server may pass; one that comes again and again must not hold up what waits behind it. */
const SERVER_ERRORS_BORNE = 5;

/** What became of a save. `waiting`: it is kept and goes out by itself later. */
export type Outcome =
  | { kind: "stored"; completion: Completion }
  | { kind: "replaced"; completion: Completion }
  | { kind: "waiting"; reason: "offline" | "signed-out" }
  | { kind: "refused"; message: string };

/** What a person decides when somebody else changed their answer in the meantime. */
export type Decision = { kind: "theirs" } | { kind: "later" } | { kind: "save"; result: ResultItem[] };

export interface QueueOwner {
  /** A save came too late: ask. */
  decide(save: QueuedSave, conflict: Conflict): Promise<Decision>;
  /** Whether whoever is signed in now is the person of this page; throws when nobody is. */
  isStillSignedIn(): Promise<boolean>;
  /** Something went out, came to wait, or was refused. */
  changed(): void;
  stored(save: QueuedSave, completion: Completion): void;
  /** Whether the next task is to come along with the answer to a new save, and besides which one that is ready. */
  wantsNext(save: QueuedSave): { besides: number | undefined } | null;
  /** It came along. */
  hasNext(task: Task): void;
  signedOut(): void;
}

/**
 * Sends saves in the order they were made, each until the server has it exactly once.
 *
 * A save is kept in the browser before it is sent, and sent again as it was: the server knows it by its `unique_id`.
 */
export class SendQueue {
  private running: Promise<void> | undefined;
  private readonly awaited = new Map<number, (outcome: Outcome) => void>();
  /** What came of the saves sent on this page, by their `unique_id`. */
  private readonly settled = new Map<string, Completion>();
  private readonly serverErrors = new Map<number, number>();
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private retryMs = FIRST_RETRY_MS;
  /** It stopped for a while, in which somebody else may have signed in. */
  private wasStopped = false;

  constructor(
    private store: LocalStore,
    private readonly api: Api,
    private readonly person: number,
    private readonly owner: QueueOwner,
  ) {}

  /** Keep a save and send it after those before it. */
  async deliver(save: Omit<QueuedSave, "order" | "person" | "refusal">): Promise<Outcome> {
    const queued = await this.keep({ ...save, person: this.person, refusal: null });
    let settled: Outcome | undefined;
    this.awaited.set(queued.order, (outcome) => {
      settled = outcome;
    });
    while (!settled) {
      await this.flush();
    }
    return settled;
  }

  /** Send what waits. */
  flush(): Promise<void> {
    clearTimeout(this.retryTimer);
    this.running ??= this.sendAll().finally(() => {
      this.running = undefined;
      this.owner.changed();
    });
    return this.running;
  }

  /** Saves that go out by themselves, first come first. */
  async waiting(): Promise<QueuedSave[]> {
    return (await this.store.savesOf(this.person)).filter((save) => save.refusal === null);
  }

  /** Saves that the server did not take: the person decides what becomes of them. */
  async refused(): Promise<QueuedSave[]> {
    return (await this.store.savesOf(this.person)).filter((save) => save.refusal !== null);
  }

  /** Whether what waits is there after the browser was closed. */
  get isLasting(): boolean {
    return this.store.isLasting;
  }

  remove(save: QueuedSave): Promise<void> {
    return this.store.removeSave(save.order);
  }

  private async keep(save: Omit<QueuedSave, "order">): Promise<QueuedSave> {
    try {
      return await this.store.addSave(save);
    } catch {
      // The disk is full, say: the page keeps it as long as it is open.
      this.store = new MemoryStore();
      return this.store.addSave(save);
    }
  }

  private async sendAll(): Promise<void> {
    let next = (await this.waiting())[0];
    if (next && this.wasStopped && !(await this.isStillSignedIn())) {
      this.stop("signed-out");
      return;
    }
    this.wasStopped = false;
    while (next) {
      if (!(await this.send(next))) {
        return;
      }
      next = (await this.waiting())[0];
    }
  }

  /** Send one save; false: nothing goes out now. */
  private async send(save: QueuedSave): Promise<boolean> {
    try {
      const completion = await this.request(save);
      await this.settle(save, completion);
      this.retryMs = FIRST_RETRY_MS;
      return true;
    } catch (error) {
      return await this.handle(save, error);
    }
  }

  private request(save: QueuedSave): Promise<Completion> {
    const before = save.follows === null ? undefined : this.settled.get(save.follows);
    if (before) {
      return this.api.update(before.id, { ...save.body, version: before.version });
    }
    return save.completion === null ? this.create(save) : this.api.update(save.completion, save.body);
  }

  /** Nobody waits for the next task after what was kept and goes out later. */
  private async create(save: QueuedSave): Promise<Completion> {
    const wanted = this.awaited.has(save.order) ? this.owner.wantsNext(save) : null;
    if (!wanted) {
      return this.api.create(save.task, save.body);
    }
    const { next, ...completion } = await this.api.createAndReserve(save.task, save.body, wanted.besides);
    if (next?.task) {
      this.owner.hasNext(next.task);
    }
    return completion;
  }

  private async settle(save: QueuedSave, completion: Completion): Promise<void> {
    this.settled.set(save.body.unique_id, completion);
    for (const later of await this.waiting()) {
      if (later.follows === save.body.unique_id) {
        const body = { ...later.body, version: completion.version };
        await this.store.changeSave({ ...later, completion: completion.id, follows: null, body });
      }
    }
    await this.store.removeSave(save.order);
    this.owner.stored(save, completion);
    this.tell(save, { kind: "stored", completion });
  }

  private async handle(save: QueuedSave, error: unknown): Promise<boolean> {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    if (error.isTemporary && !this.isHopeless(save, error)) {
      this.stop("offline");
      return false;
    }
    if (error.isSignedOut || !(await this.isStillSignedIn())) {
      this.stop("signed-out");
      return false;
    }
    const { conflict } = error.body;
    await (conflict ? this.settleConflict(save, conflict, error.message) : this.refuse(save, error.message));
    return true;
  }

  private isHopeless(save: QueuedSave, error: ApiError): boolean {
    const errors = (this.serverErrors.get(save.order) ?? 0) + Number(error.status === 500);
    this.serverErrors.set(save.order, errors);
    return errors >= SERVER_ERRORS_BORNE;
  }

  /** A refusal may come of somebody else being signed in by now, whom this work must not be saved for. */
  private async isStillSignedIn(): Promise<boolean> {
    try {
      return await this.owner.isStillSignedIn();
    } catch (error) {
      return !(error instanceof ApiError && error.isSignedOut);
    }
  }

  private async settleConflict(save: QueuedSave, conflict: Conflict, message: string): Promise<void> {
    const decision = await this.owner.decide(save, conflict);
    if (decision.kind === "later") {
      await this.refuse(save, message);
    } else if (decision.kind === "theirs") {
      await this.store.removeSave(save.order);
      this.tell(save, { kind: "replaced", completion: conflict.theirs });
    } else {
      const changes = { result: decision.result, version: conflict.theirs.version, unique_id: randomUuid() };
      await this.follow(save.body.unique_id, changes.unique_id);
      await this.store.changeSave({ ...save, body: { ...save.body, ...changes } });
    }
  }

  /** What follows a save goes on following it under its new name. */
  private async follow(before: string, now: string): Promise<void> {
    for (const later of await this.waiting()) {
      if (later.follows === before) {
        await this.store.changeSave({ ...later, follows: now });
      }
    }
  }

  /** Whoever waits for the answer still has the work; else it is kept until its person decides. */
  private async refuse(save: QueuedSave, message: string): Promise<void> {
    if (this.awaited.has(save.order)) {
      await this.store.removeSave(save.order);
    } else {
      await this.store.changeSave({ ...save, refusal: message });
    }
    this.tell(save, { kind: "refused", message });
  }

  private tell(save: QueuedSave, outcome: Outcome): void {
    this.serverErrors.delete(save.order);
    this.awaited.get(save.order)?.(outcome);
    this.awaited.delete(save.order);
  }

  private stop(reason: "offline" | "signed-out"): void {
    this.wasStopped = true;
    for (const settle of this.awaited.values()) {
      settle({ kind: "waiting", reason });
    }
    this.awaited.clear();
    if (reason === "signed-out") {
      this.owner.signedOut();
      return;
    }
    this.retryTimer = setTimeout(() => void this.flush(), this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS);
  }
}
