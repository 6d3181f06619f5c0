import { afterEach, describe, expect, it, vi } from "vitest";

import { Api } from "./api";
import { PastTasks } from "./past_tasks";
import { TestServer } from "./test_server";

function answers(...pairs: [id: number, task: number][]): { status: number; body: unknown } {
  return { status: 200, body: { answers: pairs.map(([id, task]) => ({ id, task })) } };
}

describe("the way back", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("leads through this visit, then through what was answered before, and on again", async () => {
    const server = new TestServer(({ path }) =>
      path.endsWith("before=30") ? answers() : answers([32, 9], [31, 8], [30, 7]),
    );
    vi.stubGlobal("fetch", server.fetch);
    const past = new PastTasks(new Api(), 1);
    past.opened(9);
    past.opened(10);
    expect(await past.previous()).toBe(9);
    expect(await past.previous()).toBe(8);
    expect(await past.previous()).toBe(7);
    expect(await past.previous()).toBeNull();
    expect(past.mayGoBack).toBe(false);
    expect([past.next(), past.next(), past.next(), past.next()]).toEqual([8, 9, 10, null]);
  });

  it("begins at the latest answer when no task is shown", async () => {
    vi.stubGlobal("fetch", new TestServer(() => answers([32, 9], [31, 8])).fetch);
    const past = new PastTasks(new Api(), 1);
    expect(await past.previous()).toBe(9);
  });
});
