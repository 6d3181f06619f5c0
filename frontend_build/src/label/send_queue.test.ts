import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Api } from "./api";
import type { CompletionBody } from "./documents";
import { MemoryStore, type QueuedSave } from "./local_store";
import { SendQueue, type Decision } from "./send_queue";
import { TestServer, type Reply } from "./test_server";

const ME = 7;

function bodyOf(uniqueId: string, answer = "x"): CompletionBody {
  const result = [{ id: "r", value: answer }];
  return { completed_by: ME, result, was_cancelled: false, lead_time: 1, session: "s", unique_id: uniqueId };
}

function saveOf(task: number, uniqueId: string, more: Partial<QueuedSave> = {}): Omit<QueuedSave, "order" | "person" | "refusal"> {
  return { project: 1, task, completion: null, follows: null, body: bodyOf(uniqueId), ...more };
}

function stored(id: number, version = 1): Reply {
  return { status: 201, body: { id, version } };
}

describe("the queue of saves", () => {
  const store = { current: new MemoryStore() };
  const said: string[] = [];
  let person = ME;
  let decision: Decision = { kind: "later" };
  let wanted: { besides: number | undefined } | null = null;

  function open(server: TestServer): SendQueue {
    vi.stubGlobal("fetch", server.fetch);
    return new SendQueue(store.current, new Api(), ME, {
      decide: async () => decision,
      isStillSignedIn: async () => person === ME,
      changed: () => undefined,
      stored: (save) => void said.push(`stored ${save.task}`),
      wantsNext: () => wanted,
      hasNext: (task) => void said.push(`next ${task.id}`),
      signedOut: () => void said.push("signed out"),
    });
  }

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", { documentElement: { dataset: {} }, cookie: "csrftoken=t" });
    store.current = new MemoryStore();
    said.length = 0;
    person = ME;
    wanted = null;
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("keeps a save until the server has it, and sends it again as it was", async () => {
    const server = new TestServer(() => "unreachable");
    const queue = open(server);
    expect(await queue.deliver(saveOf(1, "a"))).toEqual({ kind: "waiting", reason: "offline" });
    server.reply = () => stored(10);
    await queue.flush();
    expect(server.asked.map((asked) => asked.body)).toEqual([bodyOf("a"), bodyOf("a")]);
    expect(await store.current.savesOf(ME)).toEqual([]);
    expect(said).toEqual(["stored 1"]);
  });

  it("hands on the next task that came along, and not as a part of the answer", async () => {
    wanted = { besides: 2 };
    const server = new TestServer(() => ({ status: 201, body: { id: 10, version: 1, next: { task: { id: 3 } } } }));
    const outcome = await open(server).deliver(saveOf(1, "a"));
    expect(outcome).toEqual({ kind: "stored", completion: { id: 10, version: 1 } });
    expect(server.asked.map((asked) => asked.path)).toEqual(["/api/tasks/1/annotations/?with_next=1&besides=2"]);
    expect(said).toEqual(["next 3", "stored 1"]);
  });

  it("asks for no next task behind a save that had to wait", async () => {
    wanted = { besides: undefined };
    const server = new TestServer(() => "unreachable");
    const queue = open(server);
    await queue.deliver(saveOf(1, "a"));
    server.reply = () => stored(10);
    await queue.flush();
    expect(server.asked.map((asked) => asked.path)).toEqual([
      "/api/tasks/1/annotations/?with_next=1",
      "/api/tasks/1/annotations/",
    ]);
  });

  it("tries again by itself", async () => {
    const server = new TestServer(() => ({ status: 503 }));
    const queue = open(server);
    await queue.deliver(saveOf(1, "a"));
    server.reply = () => stored(10);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(said).toEqual(["stored 1"]);
  });

  it("sends in the order of the saves, also over a closed page", async () => {
    await open(new TestServer(() => "unreachable")).deliver(saveOf(1, "a"));
    const server = new TestServer(() => stored(10));
    const outcome = await open(server).deliver(saveOf(2, "b"));
    expect(outcome.kind).toBe("stored");
    expect(server.asked.map((asked) => asked.path)).toEqual(["/api/tasks/1/annotations/", "/api/tasks/2/annotations/"]);
  });

  it("sends a change of an answer that waited as a change of what came of it", async () => {
    const server = new TestServer(() => "unreachable");
    const queue = open(server);
    await queue.deliver(saveOf(1, "a"));
    await queue.deliver(saveOf(1, "b", { follows: "a", body: bodyOf("b", "changed") }));
    server.reply = ({ method }) => stored(10, method === "POST" ? 1 : 2);
    server.asked.length = 0;
    await queue.flush();
    expect(server.asked.map(({ method, path, body }) => [method, path, body?.["version"]])).toEqual([
      ["POST", "/api/tasks/1/annotations/", undefined],
      ["PATCH", "/api/annotations/10/", 1],
    ]);
  });

  it("gives a refused save back to whoever waits for it, and keeps one that nobody waits for", async () => {
    const refuse: Reply = { status: 400, body: { detail: "No." } };
    const server = new TestServer(() => refuse);
    const queue = open(server);
    expect(await queue.deliver(saveOf(1, "a"))).toEqual({ kind: "refused", message: "No." });
    expect(await queue.refused()).toEqual([]);
    server.reply = () => "unreachable";
    await queue.deliver(saveOf(1, "b"));
    await queue.deliver(saveOf(2, "c"));
    server.reply = ({ path }) => (path.includes("/1/") ? refuse : stored(10));
    await queue.flush();
    expect((await queue.refused()).map((save) => [save.task, save.refusal])).toEqual([[1, "No."]]);
    expect(said).toEqual(["stored 2"]);
  });

  it("waits for a sign-in, and sends nothing for somebody else who signed in", async () => {
    const server = new TestServer(() => ({ status: 401, body: { detail: "Authentication credentials were not provided." } }));
    const queue = open(server);
    expect(await queue.deliver(saveOf(1, "a"))).toEqual({ kind: "waiting", reason: "signed-out" });
    server.asked.length = 0;
    server.reply = () => stored(10);
    person = 8;
    await queue.flush();
    expect(server.asked).toEqual([]);
    person = ME;
    await queue.flush();
    expect(said).toEqual(["signed out", "signed out", "stored 1"]);
  });

  it("saves what was decided about a conflict over the version that was in the way", async () => {
    const theirs = { id: 10, version: 5, result: [] };
    const server = new TestServer(({ body }) =>
      body?.["version"] === 5
        ? stored(10, 6)
        : { status: 409, body: { detail: "Changed.", conflict: { mine: {}, theirs, base: null } } },
    );
    decision = { kind: "save", result: [{ id: "both" }] };
    const update = saveOf(1, "a", { completion: 10, body: { ...bodyOf("a"), version: 4 } });
    const outcome = await open(server).deliver(update);
    expect(outcome).toEqual({ kind: "stored", completion: { id: 10, version: 6 } });
    const [first, second] = server.asked.map((asked) => asked.body);
    expect(second?.["result"]).toEqual([{ id: "both" }]);
    expect(second?.["unique_id"]).not.toBe(first?.["unique_id"]);
  });

  it("is not held up for ever by one save that the server fails at", async () => {
    const server = new TestServer(({ path }) => (path.includes("/1/") ? { status: 500 } : stored(10)));
    const queue = open(server);
    await queue.deliver(saveOf(1, "a"));
    await queue.deliver(saveOf(2, "b"));
    await vi.advanceTimersByTimeAsync(300_000);
    expect(said).toEqual(["stored 2"]);
    expect((await queue.refused()).map((save) => save.task)).toEqual([1]);
  });
});
