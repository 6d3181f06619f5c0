/** Uploads over the server's REST interface, as the person signed in to this page. */

export interface UploadState {
  id: number;
  offset: number;
  size: number;
}

/** The server refused, or could not be reached (`status` 0). */
export class UploadError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Where the next part begins, when the server says so. */
    readonly offset?: number,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 502;
  }
}

/** Announce a file; its parts are to be `partSize` bytes. */
export async function announce(
  project: number,
  file: File,
  signal: AbortSignal,
): Promise<UploadState & { partSize: number }> {
  const body = JSON.stringify({ name: file.name, size: file.size });
  const headers = { "Content-Type": "application/json" };
  const answer = await request("POST", `/api/projects/${project}/uploads`, { body, headers, signal });
  return { ...stateOf(answer), partSize: Number(answer["part_size"]) };
}

/** Ask how much of an upload has arrived. */
export async function stateOfUpload(id: number, signal: AbortSignal): Promise<UploadState> {
  return stateOf(await request("GET", `/api/uploads/${id}`, { signal }));
}

/** Delete an upload; nobody waits for it. */
export function giveUp(id: number): void {
  void request("DELETE", `/api/uploads/${id}`, {}).catch(() => undefined);
}

/** Have the server fetch an address; returns the ids of the uploads. */
export async function fetchAddress(project: number, url: string): Promise<number[]> {
  const body = new URLSearchParams({ url, commit_to_project: "false" });
  const answer = await request("POST", `/api/projects/${project}/import`, { body });
  return answer["file_upload_ids"] as number[];
}

/** Send one part; `onProgress` hears how many of its bytes have gone. `fetch` cannot tell that. */
export function sendPart(
  id: number,
  offset: number,
  part: Blob,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<UploadState> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("PATCH", `/api/uploads/${id}`);
    call.setRequestHeader("Upload-Offset", String(offset));
    call.setRequestHeader("Content-Type", "application/octet-stream");
    call.setRequestHeader("X-CSRFToken", csrfToken());
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    call.addEventListener("load", () => {
      const body = (call.response ?? {}) as Record<string, unknown>;
      if (call.status >= 200 && call.status < 300) {
        resolve(stateOf(body));
      } else {
        const offsetThere = call.status === 409 ? Number(body["offset"]) : undefined;
        reject(new UploadError(call.status, reasonIn(body, call.status), offsetThere));
      }
    });
    call.addEventListener("error", () => reject(new UploadError(0, "The server cannot be reached.")));
    call.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    signal.addEventListener("abort", () => call.abort(), { once: true });
    call.send(part);
  });
}

async function request(method: string, path: string, options: RequestInit): Promise<Record<string, unknown>> {
  const headers = { ...(options.headers as Record<string, string>), Accept: "application/json", "X-CSRFToken": csrfToken() };
  let response: Response;
  try {
    response = await fetch(path, { ...options, method, headers, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new UploadError(0, "The server cannot be reached.");
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) {
    throw new UploadError(response.status, reasonIn(body, response.status));
  }
  return body;
}

function stateOf(body: Record<string, unknown>): UploadState {
  return { id: Number(body["id"]), offset: Number(body["offset"]), size: Number(body["size"]) };
}

function reasonIn(body: Record<string, unknown>, status: number): string {
  return typeof body["detail"] === "string" ? body["detail"] : `The server answered ${status}.`;
}

/** Read anew for each request: signing in again in another tab changes the token. */
function csrfToken(): string {
  const name = document.documentElement.dataset["csrfCookie"] ?? "csrftoken";
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) ?? "";
}
