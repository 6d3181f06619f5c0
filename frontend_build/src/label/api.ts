import type { Completion, CompletionAndNext, CompletionBody, Conflict, Draft, DraftBody, PastAnswer, Suggested, Task, VersionAuthor } from "./documents";
import type { Prediction, ResultItem } from "./protocol";

const PATIENCE_MS = 60_000;
/** What browsers let a page send while it is being left. */
const KEEPALIVE_BYTES = 60_000;

interface ErrorBody {
  detail?: string;
  validation_errors?: Record<string, string[]>;
  /** Of a save that came too late. */
  conflict?: Conflict;
  /** Of an empty queue. */
  reason?: string;
  free_at?: string | null;
}

/** The server refused, or could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly body: ErrorBody = {},
  ) {
    super(message);
  }

  /** Whether the same request may succeed later, and whether it may have been stored all the same. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  get isSignedOut(): boolean {
    return this.status === 401 || (this.status === 403 && /credentials|csrf/i.test(this.message));
  }
}

/** The server's REST interface, as the person signed in to this page. */
export class Api {
  /** Reserve the next task, in place of the one in hand or, for later, `besides` it. */
  nextTask(project: number, besides?: number): Promise<Task> {
    return this.request("GET", `/api/projects/${project}/next${nextQuery(besides)}`);
  }

  task(id: number): Promise<Task> {
    return this.request("GET", `/api/tasks/${id}/`);
  }

  /** Have models that predict opened tasks do so, and return what this person sees; a few seconds at most. */
  openedPredictions(task: number): Promise<Prediction[]> {
    return this.request("POST", `/api/tasks/${task}/predictions/`, {});
  }

  renewLease(task: number): Promise<{ expires_at: string }> {
    return this.request("POST", `/api/tasks/${task}/lease/`, {});
  }

  giveLeaseBack(task: number): Promise<void> {
    return this.request("DELETE", `/api/tasks/${task}/lease/`, undefined, true);
  }

  create(task: number, body: CompletionBody): Promise<Completion> {
    return this.request("POST", `/api/tasks/${task}/annotations/`, body);
  }

  /** As `create`; reserves the next task as well, in place of this one or `besides` another that is ready. */
  createAndReserve(task: number, body: CompletionBody, besides: number | undefined): Promise<CompletionAndNext> {
    return this.request("POST", `/api/tasks/${task}/annotations/${nextQuery(besides, { with_next: "1" })}`, body);
  }

  update(id: number, body: CompletionBody): Promise<Completion> {
    return this.request("PATCH", `/api/annotations/${id}/`, body);
  }

  duplicate(id: number, uniqueId: string): Promise<Completion> {
    return this.request("POST", `/api/annotations/${id}/duplicate/`, { unique_id: uniqueId });
  }

  takeBackSkip(id: number): Promise<{ draft: Draft | null }> {
    return this.request("POST", `/api/annotations/${id}/take-back-skip/`, {});
  }

  delete(id: number, version: number): Promise<void> {
    return this.request("DELETE", `/api/annotations/${id}/?version=${version}`);
  }

  /** Who made the present version of a completion, and when. */
  async presentVersion(id: number): Promise<VersionAuthor | null> {
    const page: { present: VersionAuthor | null } = await this.request("GET", `/api/annotations/${id}/history/`);
    return page.present;
  }

  /**
   * @param isLeaving - the page is being left: the request outlives it.
   * @param givenUp - ends the request.
   */
  saveDraft(task: number, body: DraftBody, isLeaving = false, givenUp?: AbortSignal): Promise<Draft> {
    return this.request("POST", `/api/tasks/${task}/drafts/`, body, isLeaving, givenUp);
  }

  draftsOf(task: number): Promise<Draft[]> {
    return this.request("GET", `/api/tasks/${task}/drafts/`);
  }

  deleteDraft(id: number): Promise<void> {
    return this.request("DELETE", `/api/drafts/${id}/`);
  }

  /** This person's answers in a project before one of them (or the latest), newest first. */
  async answersBefore(project: number, answer: number | undefined): Promise<PastAnswer[]> {
    const query = answer === undefined ? "" : `?before=${answer}`;
    const page: { answers: PastAnswer[] } = await this.request("GET", `/api/projects/${project}/my-answers/${query}`);
    return page.answers;
  }

  /** Ask an ML backend what it makes of regions that were just drawn. */
  suggest(backend: number, task: number, result: ResultItem[]): Promise<Suggested> {
    return this.request("POST", `/api/ml/${backend}/interactive-annotating`, { task, context: { result } });
  }

  whoAmI(): Promise<{ id: number; email: string }> {
    return this.request("GET", "/api/current-user/whoami");
  }

  private async request<Answer>(
    method: string,
    path: string,
    body?: object,
    isLeaving = false,
    givenUp?: AbortSignal,
  ): Promise<Answer> {
    const response = await send(method, path, body && JSON.stringify(body), isLeaving, givenUp);
    if (!response.ok) {
      const problem = await problemOf(response);
      throw new ApiError(response.status, messageOf(problem, response.status), problem);
    }
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  }
}

function nextQuery(besides: number | undefined, more: Record<string, string> = {}): string {
  const parameters = new URLSearchParams({ ...more, ...(besides === undefined ? {} : { besides: String(besides) }) });
  // The page's address says which tasks were chosen in the data manager; without it the queue decides.
  const chosen = new URLSearchParams(globalThis.location?.search).get("query");
  if (chosen) {
    parameters.set("query", chosen);
  }
  return parameters.size ? `?${parameters.toString()}` : "";
}

async function send(
  method: string,
  path: string,
  body: string | undefined,
  isLeaving: boolean,
  givenUp: AbortSignal | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["X-CSRFToken"] = csrfToken();
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  const options: RequestInit = { method, headers, credentials: "same-origin", body: body ?? null };
  if (isLeaving && (body?.length ?? 0) < KEEPALIVE_BYTES) {
    options.keepalive = true;
  } else {
    options.signal = firstOf(AbortSignal.timeout(PATIENCE_MS), givenUp);
  }
  try {
    return await fetch(path, options);
  } catch {
    throw new ApiError(0, "The server cannot be reached.");
  }
}

/** As `AbortSignal.any`, which browsers of 2023 have not. */
function firstOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  const either = new AbortController();
  signals.forEach((signal) => signal?.addEventListener("abort", () => either.abort()));
  return either.signal;
}

/** Read anew for each request: signing in again in another tab changes the token. */
function csrfToken(): string {
  const name = document.documentElement.dataset["csrfCookie"] ?? "csrftoken";
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) ?? "";
}

async function problemOf(response: Response): Promise<ErrorBody> {
  try {
    return (await response.json()) as ErrorBody;
  } catch {
    return {};
  }
}

function messageOf(problem: ErrorBody, status: number): string {
  const fields = Object.entries(problem.validation_errors ?? {}).map(([field, errors]) => `${field}: ${errors.join(" ")}`);
  return [problem.detail, ...fields].filter(Boolean).join(" ") || `The server answered ${status}.`;
}
