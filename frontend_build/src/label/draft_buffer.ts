import { ApiError, type Api } from "./api";
import type { KeptDraft, LocalStore } from "./local_store";

const PAUSE_MS = 1_500;
const LONGEST_MS = 10_000;
const RETRY_MS = 15_000;

export type DraftState =
  | { kind: "saving" }
  | { kind: "saved"; at: Date }
  /** The server cannot be reached. */
  | { kind: "kept" }
  | { kind: "signed-out" }
  /** The server does not take it. */
  | { kind: "refused"; message: string };

/** What the server said to a draft. `gone`: the work was submitted, or what it belongs to was deleted. */
export type Sending = { kind: "saved"; at: Date; serverId: number } | { kind: "gone" } | { kind: "failed"; error: ApiError };

/** Send one kept draft. */
export async function sendDraft(api: Api, draft: KeptDraft, isLeaving = false, givenUp?: AbortSignal): Promise<Sending> {
  try {
    const { person, completion, version, result, uniqueId, session, leadTime } = draft;
    const body = { user: person, annotation: completion, version, result, lead_time: leadTime, session, unique_id: uniqueId };
    const saved = await api.saveDraft(draft.task, body, isLeaving, givenUp);
    return { kind: "saved", at: new Date(saved.updated_at), serverId: saved.id };
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    return error.status === 410 ? { kind: "gone" } : { kind: "failed", error };
  }
}

/** Send the drafts of a person that only this device has. */
export async function sendKeptDrafts(store: LocalStore, api: Api, person: number): Promise<void> {
  for (const draft of await store.draftsOf(person)) {
    const outcome = draft.isSent ? undefined : await sendDraft(api, draft);
    if (outcome?.kind === "saved") {
      await store.keepDraft({ ...draft, isSent: true });
    } else if (outcome?.kind === "gone") {
      await store.dropDraft(person, draft.task, draft.completion);
    }
  }
}

/**
 * Saves the work on one answer as it goes on: in this browser at once, on the server after a short pause.
 *
 * It is given up when the work is submitted; what is under way then ends unheard.
 */
export class DraftBuffer {
  private latest: KeptDraft | undefined;
  private sent: KeptDraft | undefined;
  private serverId: number | null;
  private keeping: Promise<void> = Promise.resolve();
  private sending: Promise<void> | undefined;
  private pauseTimer: ReturnType<typeof setTimeout> | undefined;
  private firstUnsentAt: number | undefined;
  private underWay: AbortController | undefined;
  private isHeld = false;
  private isClosed = false;

  /** @param serverId - of the draft that the server has already. */
  constructor(
    private readonly store: LocalStore,
    private readonly api: Api,
    serverId: number | null,
    private readonly show: (state: DraftState) => void,
  ) {
    this.serverId = serverId;
  }

  /** Whether there is work that was not submitted, on this page's knowledge. */
  get hasWork(): boolean {
    return this.latest !== undefined || this.serverId !== null;
  }

  /** Take over the work as it is now. */
  change(draft: KeptDraft): void {
    this.latest = draft;
    this.isHeld = false;
    this.keep(draft, () => !this.isClosed);
    this.firstUnsentAt ??= Date.now();
    clearTimeout(this.pauseTimer);
    const rest = Math.max(0, this.firstUnsentAt + LONGEST_MS - Date.now());
    this.pauseTimer = setTimeout(() => void this.flush(), Math.min(PAUSE_MS, rest));
  }

  /** Send now what is not sent yet; resolves when it is sent, or cannot be. */
  async flush(isLeaving = false): Promise<void> {
    clearTimeout(this.pauseTimer);
    if (this.sending && !isLeaving) {
      await this.sending;
    }
    if (this.latest !== this.sent && !this.isClosed && (!this.isHeld || isLeaving)) {
      this.sending = this.sendLatest(isLeaving);
      await this.sending;
      this.sending = undefined;
    }
  }

  /** Send nothing until the next change: the work is being submitted, and the server refuses a draft that comes behind. */
  hold(): void {
    clearTimeout(this.pauseTimer);
    this.isHeld = true;
    this.underWay?.abort();
  }

  /** Forget the work on this device: it was submitted. */
  async close(): Promise<void> {
    const { latest } = this;
    this.stop();
    await this.keeping;
    if (latest) {
      await this.store.dropDraft(latest.person, latest.task, latest.completion);
    }
  }

  /**
   * Throw the work on an answer away, here and on the server.
   *
   * Another page of this browser may have sent it, so that the server is asked what it has.
   */
  async discard(task: number, completion: number | null): Promise<void> {
    await this.sending;
    await this.close();
    for (const draft of await this.api.draftsOf(task)) {
      if (draft.annotation === completion || draft.annotation === null) {
        await this.api.deleteDraft(draft.id).catch(forgiveGone);
      }
    }
  }

  private get isQuiet(): boolean {
    return this.isClosed || this.isHeld;
  }

  private stop(): void {
    clearTimeout(this.pauseTimer);
    this.isClosed = true;
    this.latest = undefined;
  }

  private async sendLatest(isLeaving: boolean): Promise<void> {
    const draft = this.latest;
    if (!draft) {
      return;
    }
    this.show({ kind: "saving" });
    this.firstUnsentAt = undefined;
    this.underWay = new AbortController();
    const outcome = await sendDraft(this.api, draft, isLeaving, this.underWay.signal);
    if (outcome.kind === "saved") {
      this.serverId = outcome.serverId;
      this.sent = draft;
      this.keep({ ...draft, isSent: true }, () => this.latest === draft);
    } else if (outcome.kind === "failed" && outcome.error.isTemporary && !this.isQuiet) {
      this.pauseTimer = setTimeout(() => void this.flush(), RETRY_MS);
    }
    await this.keeping;
    if (!this.isQuiet) {
      this.show(stateOf(outcome));
    }
  }

  /** One after the other: what is kept last is the latest. */
  private keep(draft: KeptDraft, isWanted: () => boolean): void {
    this.keeping = this.keeping
      .then(() => (isWanted() ? this.store.keepDraft(draft) : undefined))
      // A full disk: then the server alone keeps it.
      .catch((error: unknown) => console.warn("The browser keeps no drafts.", error));
  }
}

function stateOf(outcome: Sending): DraftState {
  if (outcome.kind === "saved") {
    return { kind: "saved", at: outcome.at };
  }
  if (outcome.kind === "gone") {
    return { kind: "refused", message: "This work was submitted already." };
  }
  if (outcome.error.isSignedOut) {
    return { kind: "signed-out" };
  }
  return outcome.error.isTemporary ? { kind: "kept" } : { kind: "refused", message: outcome.error.message };
}

function forgiveGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) {
    throw error;
  }
}
