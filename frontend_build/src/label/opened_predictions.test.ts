import { describe, expect, it } from "vitest";

import { ApiError } from "./api";
import type { Task } from "./documents";
import { OpenedPredictions } from "./opened_predictions";
import type { Prediction } from "./protocol";

const PREDICTION: Prediction = { id: 9, result: [], model_version: "v1" };

function asking(answer: () => Promise<Prediction[]>, isWanted = true) {
  const asked: number[] = [];
  const api = {
    openedPredictions: (task: number) => {
      asked.push(task);
      return answer();
    },
  };
  return { opened: new OpenedPredictions(api, isWanted), asked };
}

function task(predictions: Prediction[] = []): Task {
  return { id: 5, data: {}, annotations: [], predictions, drafts: [] };
}

describe("OpenedPredictions", () => {
  it("puts what the models answer into the task", async () => {
    const { opened } = asking(async () => [PREDICTION]);
    const opening = task();
    expect(await opened.fill(opening)).toBe(true);
    expect(opening.predictions).toEqual([PREDICTION]);
  });

  it("asks once a task, and not for one that has predictions", async () => {
    const { opened, asked } = asking(async () => []);
    await opened.fill(task());
    await opened.fill(task());
    await opened.fill({ ...task([PREDICTION]), id: 6 });
    expect(asked).toEqual([5]);
  });

  it("asks nobody where no model predicts opened tasks", async () => {
    const { opened, asked } = asking(async () => [PREDICTION], false);
    expect(await opened.fill(task())).toBe(false);
    expect(asked).toEqual([]);
  });

  it("leaves the task as it is when the server does not answer", async () => {
    const { opened } = asking(() => Promise.reject(new ApiError(0, "no connection")));
    const opening = task();
    expect(await opened.fill(opening)).toBe(false);
    expect(opening.predictions).toEqual([]);
  });
});
