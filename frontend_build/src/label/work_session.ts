import { randomUuid } from "./uuid";

/** One time that a person has an answer open; the server adds the seconds of several. A submit ends it. */
export class WorkSession {
  readonly id = randomUuid();
  private readonly begin = Date.now();

  /** Seconds so far, to the millisecond. */
  get seconds(): number {
    return (Date.now() - this.begin) / 1000;
  }
}
