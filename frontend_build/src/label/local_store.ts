/** What this browser keeps of work until the server has it, by person: several may share a browser. */
import type { CompletionBody } from "./documents";
import type { ResultItem } from "./protocol";

/** Unsubmitted work on one task, or on one completion of it. */
export interface KeptDraft {
  person: number;
  project: number;
  task: number;
  completion: number | null;
  /** The version that a change started from. */
  version: number | null;
  result: ResultItem[];
  parentPrediction: number | null;
  /** Under which the work is going to be submitted. */
  uniqueId: string;
  session: string;
  /** Seconds of `session`. */
  leadTime: number;
  /** In milliseconds, by this device's clock. */
  changedAt: number;
  isSent: boolean;
}

/** A submit, skip or update that the server does not have yet, as it is sent again and again. */
export interface QueuedSave {
  /** Its place in the queue. */
  order: number;
  person: number;
  project: number;
  task: number;
  /** What it changes; null: it makes a new completion. */
  completion: number | null;
  /** The `unique_id` of the queued save before it of the same answer: known is only then what this one changes. */
  follows: string | null;
  body: CompletionBody;
  /** Why the server does not take it: it waits for the person's decision, and no longer for its turn. */
  refusal: string | null;
}

export interface LocalStore {
  /** Whether what it keeps is there after the browser was closed. */
  readonly isLasting: boolean;
  draftsOf(person: number): Promise<KeptDraft[]>;
  /** Keep a draft in place of the earlier one of the same person, task and completion. */
  keepDraft(draft: KeptDraft): Promise<void>;
  dropDraft(person: number, task: number, completion: number | null): Promise<void>;
  /** The saves that wait, first come first. */
  savesOf(person: number): Promise<QueuedSave[]>;
  addSave(save: Omit<QueuedSave, "order">): Promise<QueuedSave>;
  changeSave(save: QueuedSave): Promise<void>;
  removeSave(order: number): Promise<void>;
}

/** Keeps work as long as the page is open: for browsers that keep nothing, as some private windows do. */
export class MemoryStore implements LocalStore {
  readonly isLasting = false;
  private readonly drafts = new Map<string, KeptDraft>();
  private readonly saves = new Map<number, QueuedSave>();
  private lastOrder = 0;

  async draftsOf(person: number): Promise<KeptDraft[]> {
    return [...this.drafts.values()].filter((draft) => draft.person === person);
  }

  async keepDraft(draft: KeptDraft): Promise<void> {
    this.drafts.set(draftKey(draft.person, draft.task, draft.completion).join("-"), draft);
  }

  async dropDraft(person: number, task: number, completion: number | null): Promise<void> {
    this.drafts.delete(draftKey(person, task, completion).join("-"));
  }

  async savesOf(person: number): Promise<QueuedSave[]> {
    return [...this.saves.values()].filter((save) => save.person === person);
  }

  async addSave(save: Omit<QueuedSave, "order">): Promise<QueuedSave> {
    this.lastOrder += 1;
    const queued = { ...save, order: this.lastOrder };
    this.saves.set(queued.order, queued);
    return queued;
  }

  async changeSave(save: QueuedSave): Promise<void> {
    this.saves.set(save.order, save);
  }

  async removeSave(order: number): Promise<void> {
    this.saves.delete(order);
  }
}

/** The key of a draft; databases know no key with null in it. */
export function draftKey(person: number, task: number, completion: number | null): [number, number, number] {
  return [person, task, completion ?? 0];
}
