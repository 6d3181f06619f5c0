import Modal from "bootstrap/js/dist/modal";

import type { Api } from "./api";
import { authorOf, type Completion, type Task } from "./documents";
import type { Notices } from "./notices";
import { clockTime, element, type PageElements } from "./page_elements";
import { tellNotDone } from "./problems";
import { randomUuid } from "./uuid";

/** What can be done to an answer besides changing it: duplicate, delete, take a skip back, open another one. */
export class AnswerMenu {
  private completion: Completion | null = null;
  private copyId = randomUuid();
  private readonly items = element("answer-menu");

  /** @param reopen - shows the task anew, with the chosen one of the person's answers. */
  constructor(
    private readonly api: Api,
    private readonly page: PageElements,
    private readonly notices: Notices,
    private readonly reopen: (chosen?: number) => void,
  ) {
    element("delete-answer").addEventListener("click", () => void this.carryOut(() => this.delete()));
  }

  /** Offer what is possible for the answer that is shown. */
  show(task: Task, person: number, completion: Completion | null): void {
    this.completion = completion;
    this.copyId = randomUuid();
    const others = task.annotations.filter((one) => authorOf(one) === person && one.id !== completion?.id);
    if (completion?.was_cancelled) {
      const takeBack = { label: "Take back the skip", run: () => void this.carryOut(() => this.takeBackSkip()) };
      this.notices.tell("skip", "You skipped this task.", [takeBack]);
    }
    this.items.replaceChildren(
      ...(completion ? this.actionsOf(completion) : [note("Submit or skip first: then it can be duplicated, deleted or taken back.")]),
      ...others.map((one) => this.item(`Open your answer of ${clockTime(new Date(one.created_at))}`, async () => one.id)),
    );
  }

  private actionsOf(completion: Completion): HTMLElement[] {
    if (completion.was_cancelled) {
      return [this.item("Take back the skip", () => this.takeBackSkip())];
    }
    const remove = item("Delete your answer…", () => Modal.getOrCreateInstance(element("delete-dialog")).show());
    return [this.item("Duplicate as new", () => this.duplicate()), remove];
  }

  private async duplicate(): Promise<number> {
    return (await this.api.duplicate(this.shown.id, this.copyId)).id;
  }

  private async takeBackSkip(): Promise<undefined> {
    await this.api.takeBackSkip(this.shown.id);
  }

  private async delete(): Promise<undefined> {
    const { id, version } = this.shown;
    await this.api.delete(id, version);
  }

  private get shown(): Completion {
    if (!this.completion) {
      throw new Error("There is no answer to do this to.");
    }
    return this.completion;
  }

  private item(label: string, run: () => Promise<number | undefined>): HTMLElement {
    return item(label, () => void this.carryOut(run));
  }

  /** Do it and show what became of it. */
  private async carryOut(run: () => Promise<number | undefined>): Promise<void> {
    this.page.hideProblem();
    try {
      this.reopen(await run());
    } catch (error) {
      tellNotDone(this.page, "That was not done.", error);
    }
  }
}

function item(label: string, run: () => void): HTMLElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "dropdown-item";
  made.textContent = label;
  made.addEventListener("click", run);
  return made;
}

function note(text: string): HTMLElement {
  const made = document.createElement("p");
  made.className = "dropdown-item-text text-secondary mb-0";
  made.textContent = text;
  return made;
}
