/** Asks the server what is wrong with a config, a while after the last change. */

export interface Problem {
  message: string;
  line: number | null;
  column: number | null;
}

/** The server's verdict. `sample` is a task that the config can show; null when the config cannot be used. */
export interface Verdict {
  problems: Problem[];
  warnings: Problem[];
  sample: Record<string, unknown> | null;
  textKeys: string[];
}

const WAIT_MS = 400;

/** A check that was asked for and its answer; `verdict` null: the server could not be asked. */
export type Listener = (config: string, verdict: Verdict | null) => void;

/** Checks the latest text only: earlier questions are dropped, or their answers are. */
export class ConfigCheck {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private request: AbortController | undefined;

  constructor(
    private readonly address: string,
    private readonly csrfToken: () => string,
    private readonly listen: Listener,
  ) {}

  /** Check `config` when nothing else comes for a while. */
  schedule(config: string): void {
    clearTimeout(this.timer);
    this.request?.abort();
    this.timer = setTimeout(() => void this.check(config), WAIT_MS);
  }

  /** Check `config` now. */
  async check(config: string): Promise<void> {
    clearTimeout(this.timer);
    this.request?.abort();
    const request = (this.request = new AbortController());
    const verdict = await this.ask(config, request.signal);
    if (!request.signal.aborted) {
      this.listen(config, verdict);
    }
  }

  private async ask(config: string, signal: AbortSignal): Promise<Verdict | null> {
    try {
      const response = await fetch(this.address, {
        method: "POST",
        headers: { "X-CSRFToken": this.csrfToken(), Accept: "application/json" },
        body: new URLSearchParams({ label_config: config }),
        signal,
      });
      return response.ok ? ((await response.json()) as Verdict) : null;
    } catch {
      return null;
    }
  }
}
