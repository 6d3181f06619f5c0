/** What a person goes on with when a task is opened: their answer, or unsubmitted work on it. */
import { authorOf, type Completion, type Draft, type Task } from "./documents";
import type { KeptDraft, QueuedSave } from "./local_store";
import type { ResultItem } from "./protocol";

/** Unsubmitted work that is restored. */
export interface RestoredDraft {
  result: ResultItem[];
  savedAt: Date;
  /** Of the server's draft; null: only this device has it. */
  serverId: number | null;
  uniqueId: string | null;
  version: number | null;
  parentPrediction: number | null;
}

export interface Start {
  /** The answer that is changed; null: a new one is made. */
  completion: Completion | null;
  /** A save of this answer that the server does not have yet. */
  waiting: QueuedSave | null;
  draft: RestoredDraft | null;
  /** Local drafts that have been overtaken. */
  overtaken: KeptDraft[];
}

/**
 * Find what a person goes on with.
 *
 * @param kept - this person's drafts of the task on this device.
 * @param waiting - this person's saves of the task that wait to be sent.
 * @param chosen - the id of the one of their answers to open; else their latest.
 */
export function startOf(
  task: Task,
  person: number,
  kept: KeptDraft[],
  waiting: QueuedSave[],
  chosen?: number,
): Start {
  const completion = ownCompletion(task, person, chosen);
  const last = waiting.at(-1) ?? null;
  const own = kept.filter((draft) => draft.completion === null || draft.completion === completion?.id);
  const alive = own.filter((draft) => !isSubmitted(draft.uniqueId, completion, waiting));
  const local = latest(alive.filter((draft) => !draft.isSent), (draft) => draft.changedAt);
  const server = latest(
    task.drafts.filter((draft) => isOpen(draft, completion, waiting)),
    (draft) => Date.parse(draft.updated_at),
  );
  const overtaken = kept.filter((draft) => draft !== local && (draft.isSent || !alive.includes(draft)) && own.includes(draft));
  return { completion, waiting: last, draft: newer(local, server), overtaken };
}

function ownCompletion(task: Task, person: number, chosen: number | undefined): Completion | null {
  const own = task.annotations.filter((completion) => authorOf(completion) === person);
  return own.find((completion) => completion.id === chosen) ?? own.at(-1) ?? null;
}

/** Whether work was submitted under this id, or waits to be. */
function isSubmitted(uniqueId: string | null, completion: Completion | null, waiting: QueuedSave[]): boolean {
  return (
    uniqueId !== null &&
    (completion?.unique_id === uniqueId || waiting.some((save) => save.body.unique_id === uniqueId))
  );
}

/** Work on a new answer that another device submitted meanwhile goes on as a change of that, if it is the later. */
function isOpen(draft: Draft, completion: Completion | null, waiting: QueuedSave[]): boolean {
  if (isSubmitted(draft.unique_id, completion, waiting)) {
    return false;
  }
  if (draft.annotation !== null) {
    return draft.annotation === completion?.id;
  }
  return completion === null || Date.parse(draft.updated_at) > Date.parse(completion.updated_at);
}

function newer(local: KeptDraft | undefined, server: Draft | undefined): RestoredDraft | null {
  if (local && (!server || local.changedAt >= Date.parse(server.updated_at))) {
    return {
      result: local.result,
      savedAt: new Date(local.changedAt),
      serverId: server?.id ?? null,
      uniqueId: local.uniqueId,
      version: local.version,
      parentPrediction: local.parentPrediction,
    };
  }
  return server
    ? {
        result: server.result,
        savedAt: new Date(server.updated_at),
        serverId: server.id,
        uniqueId: server.unique_id,
        version: server.version,
        parentPrediction: null,
      }
    : null;
}

function latest<Item>(items: Item[], moment: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || moment(item) > moment(best) ? item : best),
    undefined,
  );
}
