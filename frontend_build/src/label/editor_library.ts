/** The part of the Label Studio Frontend 1.4.0 that the frame uses. */
import type { Prediction, ResultItem } from "./protocol";

export interface EditorRegion {
  /** The id that its result items carry. */
  cleanId: string;
  /** What it is: "rectangleregion", "keypointregion" … */
  type: string;
}

export interface EditorAnnotation {
  id: string;
  pk: string | null;
  type: "annotation" | "prediction" | "history";
  parent_prediction: number | null;
  /** A state for each change since the annotation was loaded; `undoIdx` is the present one. */
  history: { undoIdx: number; history: object[] };
  regionStore: { regions: EditorRegion[] };
  highlightedNode: EditorRegion | null | undefined;
  selectArea(region: EditorRegion): void;
  deserializeResults(result: ResultItem[]): void;
  /** Show in the controls what the results say. */
  updateObjects(): void;
  /** Make the present state the one that undoing ends at. */
  reinitHistory(): void;
  serializeAnnotation(): ResultItem[];
  updatePersonalKey(key: string): void;
}

export interface AnnotationStore {
  selected: EditorAnnotation | null;
  annotations: EditorAnnotation[];
  predictions: EditorAnnotation[];
  addAnnotation(options: { userGenerate: boolean }): EditorAnnotation;
  addAnnotationFromPrediction(prediction: EditorAnnotation): EditorAnnotation;
  selectAnnotation(id: string): void;
}

export interface EditorStore {
  annotationStore: AnnotationStore;
  /** Show what a model suggests, once it is there; a promise that fails would leave the editor waiting. */
  loadSuggestions(answer: Promise<ResultItem[]>, read: (answer: ResultItem[]) => ResultItem[]): void;
}

export interface EditorOptions {
  config: string;
  interfaces: string[];
  user: { id: number; firstName: string; lastName: string; email: string };
  users: { id: number; firstName: string; lastName: string; email: string }[];
  task: {
    id: number;
    data: Record<string, unknown>;
    annotations: { id: number; result: ResultItem[]; completed_by: number }[];
    predictions: (Prediction & { createdBy: string })[];
  };
  onStorageInitialized(store: EditorStore): void;
  onSubmitAnnotation(store: EditorStore, annotation: EditorAnnotation): void;
  onUpdateAnnotation(store: EditorStore, annotation: EditorAnnotation): void;
  onSkipTask(store: EditorStore): void;
}

export interface Editor {
  /**
   * A region of a smart tool is finished; `group` are all of its kind that the model is to look at together. Of a box,
   * `region` is the outline that was dragged, which is gone by now, and the group is empty.
   */
  on(event: "regionFinishedDrawing", listener: (region: EditorRegion, group: EditorRegion[]) => void): void;
}

declare global {
  interface Window {
    LabelStudio: new (root: HTMLElement, options: EditorOptions) => Editor;
    Htx?: EditorStore;
  }
}
