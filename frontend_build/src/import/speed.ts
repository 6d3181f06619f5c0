/** How fast bytes go out, over the last few seconds. */

const WINDOW_MS = 5_000;
const ENOUGH_MS = 500;

interface Sample {
  at: number;
  bytes: number;
}

export class Speed {
  private samples: Sample[] = [];

  /** Note how many bytes have gone in all. */
  note(bytes: number, at: number = performance.now()): void {
    this.samples.push({ at, bytes });
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > WINDOW_MS) {
      this.samples.shift();
    }
  }

  /** Forget what was: nothing goes at the moment. */
  reset(): void {
    this.samples = [];
  }

  /** Bytes a second; undefined while too little is known. */
  get perSecond(): number | undefined {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.at - first.at < ENOUGH_MS || last.bytes <= first.bytes) {
      return undefined;
    }
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
