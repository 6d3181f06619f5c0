/** What the label page and the editor frame say to each other over their MessageChannel. */

export type ResultItem = Record<string, unknown>;

export interface Prediction {
  id: number;
  result: ResultItem[];
  score?: number | null;
  model_version?: string | null;
}

export interface Person {
  id: number;
  firstName: string;
  lastName: string;
  email: string;
}

/** The answer being edited: new (no id), or one this person gave before. */
export interface OwnAnswer {
  id: number | null;
  result: ResultItem[];
}

export type Theme = "light" | "dark";

export interface OpenTask {
  type: "open";
  task: { id: number; data: Record<string, unknown> };
  config: string;
  interfaces: string[];
  person: Person;
  answer: OwnAnswer | null;
  predictions: Prediction[];
  theme?: Theme;
  /** Opened out of sight, for later: leave the focus where it is. */
  isInBackground?: boolean;
  /** Nothing is saved: tell what the answer would be, after each change, and leave the focus where it is. */
  isPreview?: boolean;
}

export interface Answer {
  result: ResultItem[];
  parentPrediction: number | null;
}

/** What the page does on a key, wherever the focus is. */
export type PageCommand = "previous" | "next" | "help" | "instructions" | "menu" | "panel";

export type ToEditor =
  | OpenTask
  /** The answer is stored under this id: from now on it is updated. */
  | { type: "saved"; id: number }
  | { type: "theme"; theme: Theme }
  /** Select a region of the answer by the id that its result items carry. */
  | { type: "selectRegion"; id: string }
  /** Go on with a copy of a prediction that the editor shows. */
  | { type: "usePrediction"; id: number }
  /** What the model makes of the regions that were told under this number. */
  | { type: "suggestions"; request: number; result: ResultItem[] }
  | { type: "focus" };

export type FromEditor =
  | { type: "opened" }
  | ({ type: "submit" } & Answer)
  | ({ type: "skip" } & Answer)
  /** The answer as it is after a change that is not saved. */
  | ({ type: "changed" } & Answer)
  /** Another region was selected, or none. */
  | { type: "regionSelected"; id: string | null }
  /** Regions were drawn for the model to make something of. */
  | { type: "drawn"; request: number; result: ResultItem[] }
  | { type: "command"; command: PageCommand }
  /** In a preview: what would be saved now. */
  | { type: "result"; result: ResultItem[] }
  | { type: "failed"; message: string };

/** The message that hands the frame its end of the channel. A type, so that the frame's script stays one file. */
export type Connect = "label-studio:connect";
