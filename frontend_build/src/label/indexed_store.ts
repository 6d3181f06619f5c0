import { draftKey, MemoryStore, type KeptDraft, type LocalStore, type QueuedSave } from "./local_store";

const DATABASE = "label-studio-work";
const VERSION = 1;
const DRAFTS = "drafts";
const SAVES = "saves";

/** Keeps work in this browser's database, which survives a closed browser and a crash. */
class IndexedStore implements LocalStore {
  readonly isLasting = true;

  constructor(private readonly database: IDBDatabase) {}

  draftsOf(person: number): Promise<KeptDraft[]> {
    const ofPerson = IDBKeyRange.bound([person], [person, []]);
    return this.run(DRAFTS, "readonly", (drafts) => drafts.getAll(ofPerson) as IDBRequest<KeptDraft[]>);
  }

  async keepDraft(draft: KeptDraft): Promise<void> {
    const key = draftKey(draft.person, draft.task, draft.completion);
    await this.run(DRAFTS, "readwrite", (drafts) => drafts.put(draft, key));
  }

  async dropDraft(person: number, task: number, completion: number | null): Promise<void> {
    await this.run(DRAFTS, "readwrite", (drafts) => drafts.delete(draftKey(person, task, completion)));
  }

  async savesOf(person: number): Promise<QueuedSave[]> {
    const saves = await this.run(SAVES, "readonly", (all) => all.getAll() as IDBRequest<QueuedSave[]>);
    return saves.filter((save) => save.person === person);
  }

  async addSave(save: Omit<QueuedSave, "order">): Promise<QueuedSave> {
    const order = await this.run(SAVES, "readwrite", (saves) => saves.add(save) as IDBRequest<number>);
    return { ...save, order };
  }

  async changeSave(save: QueuedSave): Promise<void> {
    await this.run(SAVES, "readwrite", (saves) => saves.put(save));
  }

  async removeSave(order: number): Promise<void> {
    await this.run(SAVES, "readwrite", (saves) => saves.delete(order));
  }

  /** Make one request in a transaction of its own; done means that it is on the disk. */
  private run<Result>(
    name: string,
    mode: IDBTransactionMode,
    ask: (objects: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(name, mode, { durability: "strict" });
      const request = ask(transaction.objectStore(name));
      transaction.addEventListener("complete", () => resolve(request.result));
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("The browser keeps nothing.")));
    });
  }
}

/** Return this browser's database of work; memory, where the browser refuses one. */
export async function openLocalStore(): Promise<LocalStore> {
  try {
    return new IndexedStore(await openDatabase());
  } catch {
    return new MemoryStore();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, VERSION);
    opening.addEventListener("upgradeneeded", () => {
      opening.result.createObjectStore(DRAFTS);
      opening.result.createObjectStore(SAVES, { keyPath: "order", autoIncrement: true });
    });
    opening.addEventListener("success", () => resolve(opening.result));
    opening.addEventListener("error", () => reject(opening.error ?? new Error("The browser keeps nothing.")));
  });
}
