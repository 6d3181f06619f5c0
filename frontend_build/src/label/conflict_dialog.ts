import Modal from "bootstrap/js/dist/modal";

import { ApiError, type Api } from "./api";
import type { Conflict } from "./documents";
import type { QueuedSave } from "./local_store";
import { merge, merged, type Merge, type Part } from "./merging";
import { clockTime, element } from "./page_elements";
import type { ResultItem } from "./protocol";
import { linesOf } from "./result_lines";
import type { Decision } from "./send_queue";

/** Shows both sides of an answer that somebody else changed meanwhile, and asks which it is to be. */
export class ConflictDialog {
  constructor(private readonly api: Api) {}

  /** Ask; closing the dialog decides nothing yet. */
  async ask(save: QueuedSave, conflict: Conflict): Promise<Decision> {
    const merging = merge(save.body.result, conflict.theirs.result, conflict.base?.result ?? null);
    element("conflict-who").textContent = await this.whoOf(save, conflict);
    showLines("conflict-mine", save.body.was_cancelled ? null : save.body.result);
    showLines("conflict-theirs", conflict.theirs.was_cancelled ? null : conflict.theirs.result);
    const both = merging.parts.filter((part) => merging.conflicts.includes(part.key));
    element("conflict-choices").replaceChildren(...both.map(choiceOf));
    element("conflict-both").hidden = both.length === 0;
    // There is nothing in between of an answer and a skip.
    element("conflict-merge").hidden = save.body.was_cancelled || conflict.theirs.was_cancelled;
    return this.decision(save, merging);
  }

  private async whoOf(save: QueuedSave, { theirs }: Conflict): Promise<string> {
    const present = await this.api.presentVersion(theirs.id).catch((error: unknown) => {
      if (error instanceof ApiError) {
        return null;
      }
      throw error;
    });
    const person = present?.changed_by;
    const name = person ? [person.first_name, person.last_name].join(" ").trim() || person.email : "Somebody";
    return `${name} changed your answer to task ${save.task} at ${clockTime(new Date(theirs.updated_at))}, while you were working on it.`;
  }

  private decision(save: QueuedSave, merging: Merge): Promise<Decision> {
    const dialog = element("conflict-dialog");
    const modal = Modal.getOrCreateInstance(dialog);
    return new Promise((resolve) => {
      let decision: Decision = { kind: "later" };
      const decide = (event: Event): void => {
        const kind = (event.target as Element).closest<HTMLElement>("[data-decision]")?.dataset["decision"];
        if (kind) {
          decision = decisionOf(kind, save, merging);
          modal.hide();
        }
      };
      dialog.addEventListener("click", decide);
      dialog.addEventListener("hidden.bs.modal", () => {
        dialog.removeEventListener("click", decide);
        resolve(decision);
      }, { once: true });
      modal.show();
    });
  }
}

function decisionOf(kind: string, save: QueuedSave, merging: Merge): Decision {
  if (kind === "mine") {
    return { kind: "save", result: save.body.result };
  }
  if (kind === "merge") {
    return { kind: "save", result: merged(merging, chosenTheirs()) };
  }
  return { kind: "theirs" };
}

function chosenTheirs(): Set<string> {
  const chosen = document.querySelectorAll<HTMLInputElement>("#conflict-choices input[value=theirs]:checked");
  return new Set(Array.from(chosen, (input) => input.dataset["part"] ?? ""));
}

function showLines(id: string, result: ResultItem[] | null): void {
  const lines = result === null ? ["Skipped"] : linesOf(result);
  element(id).replaceChildren(...(lines.length ? lines : ["Nothing"]).map((line) => withText("li", line)));
}

/** What both changed: which one a merge takes. */
function choiceOf(part: Part, number: number): HTMLElement {
  const group = document.createElement("fieldset");
  group.className = "conflict-choice";
  const options = [optionOf(part, "mine", number), optionOf(part, "theirs", number)];
  group.append(withText("legend", part.key.replace(/^(control|region|relation) /, "")), ...options);
  return group;
}

function optionOf(part: Part, side: "mine" | "theirs", number: number): HTMLElement {
  const label = document.createElement("label");
  label.className = "form-check";
  const input = document.createElement("input");
  input.type = "radio";
  input.className = "form-check-input";
  input.name = `conflict-${number}`;
  input.value = side;
  input.checked = side === "mine";
  input.dataset["part"] = part.key;
  const words = linesOf(part[side]).join("; ") || "deleted";
  label.append(input, withText("span", `${side === "mine" ? "Mine" : "Theirs"}: ${words}`));
  return label;
}

function withText(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
