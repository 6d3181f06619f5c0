import { describe, expect, it, vi } from "vitest";

import type { ReadyTask } from "./answering";
import { ComingTask } from "./coming_task";
import type { Task } from "./documents";

const task = (id: number): Task => ({ id, data: {}, annotations: [], drafts: [], predictions: [] }) as unknown as Task;

function comingTask(...next: number[]) {
  const nextTask = vi.fn(async () => task(next.shift() ?? 0));
  const held = new Set<number>();
  const host = { prepare: vi.fn(async () => {}), unprepare: vi.fn() };
  const answering = { prepare: async (one: Task) => ({ task: one, start: {}, order: {} }) as unknown as ReadyTask };
  const leases = { hold: (id: number) => void held.add(id), renew: async () => true };
  const coming = new ComingTask({ nextTask }, 1, leases, { fill: async () => false }, answering, host);
  return { coming, nextTask, held, host };
}

describe("the task after the one shown", () => {
  it("is reserved, opened out of sight and handed over", async () => {
    const { coming, held, host } = comingTask(2);

    await coming.getReady(task(1), () => true);
    const next = await coming.take();

    expect(next.id).toBe(2);
    expect(coming.of(next)?.task).toBe(next);
    expect([...held]).toEqual([2]);
    expect(host.prepare).toHaveBeenCalledTimes(1);
  });

  it("is not opened when another task is shown by then, but stays reserved", async () => {
    const { coming, nextTask, host } = comingTask(2);

    await coming.getReady(task(1), () => false);

    expect(host.prepare).not.toHaveBeenCalled();
    expect((await coming.take()).id).toBe(2);
    expect(nextTask).toHaveBeenCalledTimes(1);
  });

  it("is asked of the server when none is reserved", async () => {
    const { coming, held } = comingTask(5);

    expect((await coming.take()).id).toBe(5);
    expect([...held]).toEqual([5]);
  });

  it("is opened without asking when the server sent it with the answer", async () => {
    const { coming, nextTask, host } = comingTask();
    coming.put(task(3));

    await coming.getReady(task(2), () => true);

    expect(host.prepare).toHaveBeenCalledTimes(1);
    expect(nextTask).not.toHaveBeenCalled();
  });

  it("is thrown away when its reservation is gone, and no other one", async () => {
    const { coming, host } = comingTask(2);
    await coming.getReady(task(1), () => true);

    expect(await coming.drop(9)).toBe(false);
    expect(coming.isThere).toBe(true);
    expect(await coming.drop(2)).toBe(true);
    expect(coming.isThere).toBe(false);
    expect(host.unprepare).toHaveBeenCalledTimes(1);
  });
});
