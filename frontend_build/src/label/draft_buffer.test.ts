import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Api } from "./api";
import { DraftBuffer, sendKeptDrafts, type DraftState } from "./draft_buffer";
import { MemoryStore, type KeptDraft } from "./local_store";
import { TestServer } from "./test_server";

const ME = 7;
const SAVED = { status: 200, body: { id: 3, updated_at: "2026-01-01T10:42:00Z" } };

function draftOf(answer: string, changedAt: number): KeptDraft {
  return {
    person: ME, project: 1, task: 5, completion: null, version: null, result: [{ answer }], parentPrediction: null,
    uniqueId: "u", session: "s", leadTime: 1, changedAt, isSent: false,
  };
}

describe("the buffer of drafts", () => {
  let store: MemoryStore;
  let states: DraftState["kind"][];

  function open(server: TestServer): DraftBuffer {
    vi.stubGlobal("fetch", server.fetch);
    return new DraftBuffer(store, new Api(), null, (state) => states.push(state.kind));
  }

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", { documentElement: { dataset: {} }, cookie: "" });
    store = new MemoryStore();
    states = [];
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("keeps a change on the device at once and sends the latest after a pause", async () => {
    const server = new TestServer(() => SAVED);
    const buffer = open(server);
    buffer.change(draftOf("one", 1));
    buffer.change(draftOf("two", 2));
    await vi.advanceTimersByTimeAsync(0);
    expect(await store.draftsOf(ME)).toEqual([draftOf("two", 2)]);
    expect(server.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.asked.map(({ body }) => [body?.["user"], body?.["result"], body?.["unique_id"]])).toEqual([
      [ME, [{ answer: "two" }], "u"],
    ]);
    expect(states).toEqual(["saving", "saved"]);
    expect(await store.draftsOf(ME)).toEqual([{ ...draftOf("two", 2), isSent: true }]);
  });

  it("sends nothing while the work is submitted, and goes on when that was refused", async () => {
    const server = new TestServer(() => SAVED);
    const buffer = open(server);
    buffer.change(draftOf("one", 1));
    buffer.hold();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toEqual([]);
    buffer.change(draftOf("one", 2));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.asked.length).toBe(1);
    expect(states).toEqual(["saving", "saved"]);
  });

  it("gives a draft up that is under way when the work is submitted", async () => {
    const fetchUntilGivenUp = (_: string, { signal }: RequestInit): Promise<never> =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const buffer = open(new TestServer(() => SAVED));
    vi.stubGlobal("fetch", fetchUntilGivenUp);
    buffer.change(draftOf("one", 1));
    await vi.advanceTimersByTimeAsync(2_000);
    buffer.hold();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual(["saving"]);
  });

  it("sends while somebody works without a pause", async () => {
    const server = new TestServer(() => SAVED);
    const buffer = open(server);
    for (let change = 0; change < 24; change += 1) {
      buffer.change(draftOf(String(change), change));
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(server.asked.length).toBe(1);
  });

  it("keeps on the device what cannot be sent, says so, and sends it later", async () => {
    const server = new TestServer(() => "unreachable");
    open(server).change(draftOf("one", 1));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states).toEqual(["saving", "kept"]);
    server.reply = () => SAVED;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(states.at(-1)).toBe("saved");
  });

  it("sends what another page left behind", async () => {
    await store.keepDraft(draftOf("left", 1));
    const server = new TestServer(() => SAVED);
    vi.stubGlobal("fetch", server.fetch);
    await sendKeptDrafts(store, new Api(), 8);
    expect(server.asked).toEqual([]);
    await sendKeptDrafts(store, new Api(), ME);
    expect(server.asked.map((asked) => asked.path)).toEqual(["/api/tasks/5/drafts/"]);
    expect((await store.draftsOf(ME)).map((draft) => draft.isSent)).toEqual([true]);
  });

  it("forgets what was submitted, also a change that is still on its way", async () => {
    const server = new TestServer(() => SAVED);
    const buffer = open(server);
    buffer.change(draftOf("one", 1));
    await buffer.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await store.draftsOf(ME)).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  it("throws a draft away on the server too", async () => {
    const drafts = { status: 200, body: [{ id: 3, annotation: null }, { id: 4, annotation: 9 }] };
    const server = new TestServer(({ method }) =>
      method === "DELETE" ? { status: 204 } : method === "GET" ? drafts : SAVED,
    );
    const buffer = open(server);
    buffer.change(draftOf("one", 1));
    await buffer.flush();
    await buffer.discard(5, null);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/tasks/5/drafts/",
      "GET /api/tasks/5/drafts/",
      "DELETE /api/drafts/3/",
    ]);
    expect(await store.draftsOf(ME)).toEqual([]);
  });
});
