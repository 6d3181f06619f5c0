import { afterEach, describe, expect, it, vi } from "vitest";

import { Api } from "./api";
import type { Task } from "./documents";
import { Prefetch } from "./prefetch";
import { TestServer } from "./test_server";

function taskOf(id: number): Task {
  return { id, data: {}, annotations: [], predictions: [], drafts: [] };
}

function open(...tasks: number[]): { prefetch: Prefetch; server: TestServer } {
  const server = new TestServer(() => ({ status: 200, body: taskOf(tasks.shift() ?? 0) }));
  vi.stubGlobal("fetch", server.fetch);
  return { prefetch: new Prefetch(new Api(), 1, async () => true), server };
}

describe("the tasks that are kept ready", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("reserves one and hands it over once", async () => {
    const { prefetch, server } = open(2);
    expect((await prefetch.fetch(1))?.id).toBe(2);
    expect(prefetch.ready).toBe(2);
    expect((await prefetch.take())?.id).toBe(2);
    expect(await prefetch.take()).toBeNull();
    expect(server.asked.map((asked) => asked.path)).toEqual(["/api/projects/1/next?besides=1"]);
  });

  it("keeps what a submit brought along behind the one that is ready, and asks for nothing more", async () => {
    const { prefetch, server } = open(2);
    await prefetch.fetch(1);
    prefetch.put(taskOf(3));
    expect((await prefetch.take())?.id).toBe(2);
    expect((await prefetch.fetch(2))?.id).toBe(3);
    expect((await prefetch.take())?.id).toBe(3);
    expect(server.asked).toHaveLength(1);
  });

  it("has what a submit brought along ready when there was nothing", async () => {
    const { prefetch, server } = open();
    prefetch.put(taskOf(3));
    expect((await prefetch.take())?.id).toBe(3);
    expect(server.asked).toEqual([]);
  });

  it("reserves another one when the one that is ready is in hand by now", async () => {
    const { prefetch } = open(4);
    prefetch.put(taskOf(3));
    expect((await prefetch.fetch(3))?.id).toBe(4);
  });

  it("is busy while it reserves", async () => {
    const { prefetch } = open(2);
    const fetched = prefetch.fetch(1);
    expect(prefetch.isBusy).toBe(true);
    await fetched;
    expect(prefetch.isBusy).toBe(false);
  });

  it("forgets what was taken by others, also behind the one that is ready", async () => {
    const { prefetch } = open(2);
    await prefetch.fetch(1);
    prefetch.put(taskOf(3));
    expect(await prefetch.drop(3)).toBe(false);
    expect(await prefetch.drop(2)).toBe(true);
    expect(await prefetch.take()).toBeNull();
  });
});
