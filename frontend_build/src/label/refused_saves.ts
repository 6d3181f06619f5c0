import type { LocalStore, QueuedSave } from "./local_store";
import type { Notices } from "./notices";
import type { SendQueue } from "./send_queue";
import { randomUuid } from "./uuid";

/** Tells of answers that the server did not take when they went out by themselves, and lets their person decide. */
export class RefusedSaves {
  constructor(
    private readonly store: LocalStore,
    private readonly queue: SendQueue,
    private readonly notices: Notices,
    private readonly person: number,
    private readonly open: (task: number) => void,
  ) {}

  /** Tell of those there are. */
  async show(): Promise<void> {
    for (const save of await this.queue.refused()) {
      this.notices.tell(`refused-${save.order}`, `Your answer to task ${save.task} was not taken: ${save.refusal}`, [
        { label: "Open the task", run: () => void this.takeUp(save) },
        { label: "Throw the answer away", run: () => void this.queue.remove(save) },
      ]);
    }
  }

  /** Make a draft of it and go on there. */
  private async takeUp(save: QueuedSave): Promise<void> {
    const { body } = save;
    await this.store.keepDraft({
      person: this.person,
      project: save.project,
      task: save.task,
      completion: save.completion,
      version: body.version ?? null,
      result: body.result,
      parentPrediction: body.parent_prediction ?? null,
      uniqueId: randomUuid(),
      session: body.session,
      leadTime: body.lead_time,
      changedAt: Date.now(),
      isSent: false,
    });
    await this.queue.remove(save);
    this.open(save.task);
  }
}
