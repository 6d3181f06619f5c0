import type { Prediction, ResultItem } from "./protocol";

export interface Completion {
  id: number;
  result: ResultItem[];
  was_cancelled: boolean;
  completed_by: number | { id: number } | null;
}

export interface Task {
  id: number;
  data: Record<string, unknown>;
  annotations: Completion[];
  predictions: Prediction[];
}

export interface CompletionBody {
  result: ResultItem[];
  lead_time: number;
  was_cancelled: boolean;
  parent_prediction?: number;
  unique_id?: string;
}

/** The server refused, or could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
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

interface ErrorBody {
  detail?: string;
  validation_errors?: Record<string, string[]>;
}

/** The server's REST interface, as the person signed in to this page. */
export class Api {
  nextTask(project: number): Promise<Task> {
    return this.request("GET", `/api/projects/${project}/next`);
  }

  task(id: number): Promise<Task> {
    return this.request("GET", `/api/tasks/${id}/`);
  }

  create(task: number, body: CompletionBody): Promise<Completion> {
    return this.request("POST", `/api/tasks/${task}/annotations/`, body);
  }

  update(id: number, body: CompletionBody): Promise<Completion> {
    return this.request("PATCH", `/api/annotations/${id}/`, body);
  }

  private async request<Answer>(method: string, path: string, body?: CompletionBody): Promise<Answer> {
    const response = await this.send(method, path, body);
    if (!response.ok) {
      throw new ApiError(response.status, await reasonOf(response));
    }
    return (await response.json()) as Answer;
  }

  private async send(method: string, path: string, body?: CompletionBody): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = csrfToken();
    }
    try {
      return await fetch(path, { method, headers, credentials: "same-origin", body: body ? JSON.stringify(body) : null });
    } catch {
      throw new ApiError(0, "The server cannot be reached.");
    }
  }
}

/** Read anew for each request: signing in again in another tab changes the token. */
function csrfToken(): string {
  const name = document.documentElement.dataset["csrfCookie"] ?? "csrftoken";
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) ?? "";
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as ErrorBody;
    const fields = Object.entries(body.validation_errors ?? {}).map(([field, errors]) => `${field}: ${errors.join(" ")}`);
    return [body.detail, ...fields].filter(Boolean).join(" ");
  } catch {
    return `The server answered ${response.status}.`;
  }
}
