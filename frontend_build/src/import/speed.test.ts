import { describe, expect, it } from "vitest";

import { counted, readableDuration, readableSize } from "./amounts";
import { Speed } from "./speed";

describe("the speed of an upload", () => {
  it("is unknown at first", () => {
    const speed = new Speed();
    speed.note(0, 0);
    speed.note(1_000_000, 100);
    expect(speed.perSecond).toBeUndefined();
  });

  it("is that of the last seconds only", () => {
    const speed = new Speed();
    for (let second = 0; second <= 10; second += 1) {
      speed.note(second < 5 ? second * 10 : 50 + (second - 5) * 1000, second * 1000);
    }
    expect(speed.perSecond).toBe(1000);
  });

  it("is unknown again after a pause", () => {
    const speed = new Speed();
    speed.note(0, 0);
    speed.note(5000, 1000);
    expect(speed.perSecond).toBe(5000);
    speed.reset();
    expect(speed.perSecond).toBeUndefined();
  });
});

describe("amounts", () => {
  it("are written for people", () => {
    expect([0, 999, 1_240_000, 84_000_000].map(readableSize)).toEqual(["0 bytes", "999 bytes", "1.2 MB", "84 MB"]);
    expect([0.2, 59.1, 200].map(readableDuration)).toEqual(["1 s", "60 s", "3 min"]);
    expect([counted(1, "file"), counted(1200, "file")]).toEqual(["1 file", "1,200 files"]);
  });
});
