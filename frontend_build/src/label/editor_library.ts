/** The part of the Label Studio Frontend 1.4.0 that the frame uses. */
import type { Prediction, ResultItem } from "./protocol";

export interface EditorAnnotation {
  id: string;
  pk: string | null;
  leadTime: number | null;
  loadedDate: Date;
  parent_prediction: number | null;
  /** `undoIdx` counts the changes since the annotation was loaded. */
  history: { undoIdx: number };
  serializeAnnotation(): ResultItem[];
  updatePersonalKey(key: string): void;
}

export interface AnnotationStore {
  selected: EditorAnnotation | null;
  annotations: EditorAnnotation[];
  predictions: EditorAnnotation[];
  addAnnotation(options: { userGenerate: boolean; result?: ResultItem[] }): EditorAnnotation;
  addAnnotationFromPrediction(prediction: EditorAnnotation): EditorAnnotation;
  selectAnnotation(id: string): void;
}

export interface EditorStore {
  annotationStore: AnnotationStore;
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

declare global {
  interface Window {
    LabelStudio: new (root: HTMLElement, options: EditorOptions) => unknown;
    Htx?: EditorStore;
  }
}
