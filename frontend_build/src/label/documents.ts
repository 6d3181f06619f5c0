/** What the server's REST interface sends and takes. */
import type { Prediction, ResultItem } from "./protocol";

export interface Completion {
  id: number;
  result: ResultItem[];
  was_cancelled: boolean;
  completed_by: number | { id: number } | null;
  unique_id: string | null;
  version: number;
  created_at: string;
  updated_at: string;
}

/** What the server keeps of work that is not submitted. */
export interface Draft {
  id: number;
  /** The completion that is being changed; null: a new one. */
  annotation: number | null;
  version: number | null;
  result: ResultItem[];
  unique_id: string | null;
  updated_at: string;
}

export interface Task {
  id: number;
  data: Record<string, unknown>;
  annotations: Completion[];
  predictions: Prediction[];
  drafts: Draft[];
}

/** What a submit that brings the next task along is answered with; no task: none is left, or it must be asked for. */
export interface CompletionAndNext extends Completion {
  next?: { task: Task | null };
}

/** A submit, a skip or an update. It is sent again exactly as it was when its reply got lost. */
export interface CompletionBody {
  /** Whose answer it is: the server refuses it from anybody else who is signed in by now. */
  completed_by: number;
  result: ResultItem[];
  was_cancelled: boolean;
  /** Seconds of `session`; the server adds those of earlier sessions. */
  lead_time: number;
  session: string;
  unique_id: string;
  parent_prediction?: number;
  /** Of an update: the version it started from. */
  version?: number;
}

export interface DraftBody {
  /** As `completed_by` of a completion. */
  user: number;
  result: ResultItem[];
  annotation: number | null;
  version: number | null;
  lead_time: number;
  session: string;
  unique_id: string;
}

/** Both sides of a change that came too late. */
export interface Conflict {
  mine: { result?: ResultItem[]; was_cancelled?: boolean };
  theirs: Completion;
  base: { version: number; result: ResultItem[] } | null;
}

/** A completion of this person, as the list of their answers has it. */
export interface PastAnswer {
  id: number;
  task: number;
  created_at: string;
  was_cancelled: boolean;
}

/** What a model makes of a region: regions, or why there are none. */
export interface Suggested {
  data?: { result: ResultItem[] };
  errors?: string[];
}

export interface VersionAuthor {
  changed_by: { first_name: string; last_name: string; email: string } | null;
  changed_at: string;
}

export function authorOf(completion: Completion): number | undefined {
  const author = completion.completed_by;
  return (typeof author === "object" ? author?.id : author) ?? undefined;
}

/** Return the task with a completion as it is stored now. */
export function withCompletion(task: Task, completion: Completion): Task {
  return { ...task, annotations: [...task.annotations.filter(({ id }) => id !== completion.id), completion] };
}
