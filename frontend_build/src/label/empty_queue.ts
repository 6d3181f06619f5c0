import type { ApiError } from "./api";
import type { PageElements } from "./page_elements";

const TICK_MS = 5_000;
/** Somebody may give a task back before its reservation ends. */
const LOOK_AGAIN_MS = 60_000;
const FEW_MS = 5_000;

/** Says why there is no task, until when, and looks again by itself where waiting helps. */
export class EmptyQueue {
  private timer: ReturnType<typeof setInterval> | undefined;
  private freeAt: number | undefined;
  private lookAt = 0;

  /** @param lookAgain - asks for a task without a word; it calls `show` again when there is none. */
  constructor(
    private readonly page: PageElements,
    private readonly lookAgain: () => void,
  ) {}

  /** Show what the server said. */
  show(refusal: ApiError): void {
    this.stop();
    this.page.showEmpty("No task for you now", refusal.message);
    const freeAt = Date.parse(refusal.body.free_at ?? "");
    if (!Number.isNaN(freeAt)) {
      this.freeAt = freeAt;
      this.lookAt = Date.now() + Math.max(FEW_MS, Math.min(LOOK_AGAIN_MS, freeAt - Date.now()));
      this.timer = setInterval(() => this.tick(), TICK_MS);
      this.tick();
    }
  }

  /** A task is shown. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    const left = (this.freeAt ?? 0) - Date.now();
    this.page.showCountdown(left > 0 ? `The next one is free in ${aboutMinutes(left)}, or earlier.` : "Looking again…");
    if (Date.now() >= this.lookAt && document.visibilityState === "visible") {
      this.lookAt = Date.now() + LOOK_AGAIN_MS;
      this.lookAgain();
    }
  }
}

/** A time from now in words, in whole minutes. */
export function aboutMinutes(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes <= 1 ? "less than a minute" : `about ${minutes} min`;
}
