import type { Start } from "./continuing";
import type { Task } from "./documents";
import { editorInterfaces } from "./interfaces";
import type { OpenTask, OwnAnswer, Person, Theme } from "./protocol";
import { withTexts } from "./task_texts";

/** What the server tells the page of the project and the person. */
export interface Opening {
  project: number;
  config: string;
  maySkip: boolean;
  mayBeEmpty: boolean;
  showPredictions: boolean;
  /** The ML backend that is asked what it makes of a region; null: none. */
  interactiveModel: number | null;
  /** Some model predicts tasks when they are opened. */
  predictsOpened: boolean;
  /** Keys of the data that the config shows as text: the editor shows nothing for a number there. */
  textKeys: string[];
  person: Person;
}

/** What the server tells the page of the visit besides. */
export interface LabelPageContext extends Opening {
  /** The one task to open; null: the stream of tasks. */
  task: number | null;
  frameAddress: string;
}

/** What the editor is told to open a task. */
export function orderOf(opening: Opening, task: Task, start: Start): OpenTask {
  return {
    type: "open",
    task: { id: task.id, data: withTexts(task.data, opening.textKeys) },
    config: opening.config,
    interfaces: editorInterfaces(opening),
    person: opening.person,
    answer: answerOf(start),
    predictions: opening.showPredictions ? task.predictions : [],
    theme: themeFor(opening.config),
  };
}

function answerOf({ completion, waiting, draft }: Start): OwnAnswer | null {
  const result = draft?.result ?? waiting?.body.result ?? completion?.result;
  const id = completion?.was_cancelled ? null : (completion?.id ?? null);
  return result ? { id, result } : null;
}

/** Darkening the editor turns its colours round, which pictures must not suffer. */
const WITH_PICTURES = /<(image|video|hypertext|timeseries|audio|brush|style)/i;

/** Tell the editor's theme whenever the page's changes. */
export function watchTheme(config: string, tell: (theme: Theme) => void): void {
  const observer = new MutationObserver(() => tell(themeFor(config)));
  observer.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

/** The theme that the editor can have: that of the page, unless the config shows pictures. */
function themeFor(config: string): Theme {
  const isDark = document.documentElement.dataset["bsTheme"] === "dark";
  return isDark && !WITH_PICTURES.test(config) ? "dark" : "light";
}
