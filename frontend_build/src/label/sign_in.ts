import Modal from "bootstrap/js/dist/modal";

import { ApiError, type Api } from "./api";
import { element } from "./page_elements";
import type { Person } from "./protocol";

const LOOKING_MS = 4_000;

/** Asks a person whose session ended to sign in in another tab, and goes on by itself when they have. */
export class SignIn {
  private timer: ReturnType<typeof setInterval> | undefined;

  /** @param resumed - is called once the same person is signed in again. */
  constructor(
    private readonly api: Api,
    private readonly person: Person,
    private readonly resumed: () => void,
  ) {
    document.addEventListener("visibilitychange", () => void this.look());
    addEventListener("focus", () => void this.look());
  }

  get isNeeded(): boolean {
    return this.timer !== undefined;
  }

  /** Whether the person of this page is signed in, and not somebody else by now. */
  async isStillSignedIn(): Promise<boolean> {
    return (await this.api.whoAmI()).id === this.person.id;
  }

  /** Ask. */
  ask(): void {
    if (!this.isNeeded) {
      this.timer = setInterval(() => void this.look(), LOOKING_MS);
      this.say("");
      this.dialog().show();
    }
  }

  private async look(): Promise<void> {
    if (this.isNeeded && document.visibilityState === "visible") {
      try {
        this.judge(await this.api.whoAmI());
      } catch (error) {
        // Still signed out, or no server: the next look may tell more.
        if (!(error instanceof ApiError)) {
          throw error;
        }
      }
    }
  }

  private judge(now: { id: number; email: string }): void {
    if (now.id !== this.person.id) {
      this.say(`You are signed in as ${now.email} now. This work belongs to ${this.person.email}: sign in as that person.`);
    } else if (this.isNeeded) {
      clearInterval(this.timer);
      this.timer = undefined;
      this.dialog().hide();
      this.resumed();
    }
  }

  private say(text: string): void {
    element("sign-in-other").textContent = text;
  }

  private dialog(): Modal {
    return Modal.getOrCreateInstance(element("sign-in-dialog"));
  }
}
