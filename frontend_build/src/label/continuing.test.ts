import { describe, expect, it } from "vitest";

import { startOf } from "./continuing";
import type { Completion, Draft, Task } from "./documents";
import type { KeptDraft } from "./local_store";

const ME = 7;
const NOON = "2026-01-01T12:00:00Z";
const LATER = "2026-01-01T13:00:00Z";

function completion(id: number, more: Partial<Completion> = {}): Completion {
  return {
    id, result: [], was_cancelled: false, completed_by: ME, unique_id: `c${id}`, version: 1, created_at: NOON,
    updated_at: NOON, ...more,
  };
}

function serverDraft(more: Partial<Draft> = {}): Draft {
  return { id: 3, annotation: null, version: null, result: [{ from: "server" }], unique_id: "d", updated_at: LATER, ...more };
}

function kept(more: Partial<KeptDraft> = {}): KeptDraft {
  return {
    person: ME, project: 1, task: 5, completion: null, version: null, result: [{ from: "device" }],
    parentPrediction: null, uniqueId: "d", session: "s", leadTime: 1, changedAt: Date.parse(LATER) + 1, isSent: false,
    ...more,
  };
}

function task(annotations: Completion[], drafts: Draft[] = []): Task {
  return { id: 5, data: {}, annotations, predictions: [], drafts };
}

describe("what a person goes on with", () => {
  it("is their latest answer, or the chosen one, and nobody else's", () => {
    const all = task([completion(1), completion(2), completion(3, { completed_by: { id: 8 } })]);
    expect(startOf(all, ME, [], []).completion?.id).toBe(2);
    expect(startOf(all, ME, [], [], 1).completion?.id).toBe(1);
  });

  it("is the later draft of the device's and the server's", () => {
    expect(startOf(task([], [serverDraft()]), ME, [kept()], []).draft?.result).toEqual([{ from: "device" }]);
    const older = kept({ changedAt: Date.parse(NOON) });
    expect(startOf(task([], [serverDraft()]), ME, [older], []).draft?.result).toEqual([{ from: "server" }]);
  });

  it("is not a draft that was submitted or thrown away since", () => {
    const submitted = startOf(task([completion(1, { unique_id: "d" })]), ME, [kept()], []);
    expect(submitted.draft).toBeNull();
    const sent = kept({ isSent: true });
    const gone = startOf(task([]), ME, [sent], []);
    expect(gone.draft).toBeNull();
    expect(gone.overtaken).toEqual([sent]);
  });

  it("is a draft over an answer that another device gave earlier", () => {
    const found = startOf(task([completion(1)], [serverDraft()]), ME, [], []);
    expect([found.completion?.id, found.draft?.result]).toEqual([1, [{ from: "server" }]]);
    const early = serverDraft({ updated_at: "2026-01-01T11:00:00Z" });
    expect(startOf(task([completion(1)], [early]), ME, [], []).draft).toBeNull();
  });

  it("is the change of the answer that is open, not of another one", () => {
    const drafts = [serverDraft({ annotation: 1, version: 4 })];
    expect(startOf(task([completion(1), completion(2)], drafts), ME, [], []).draft).toBeNull();
    expect(startOf(task([completion(1), completion(2)], drafts), ME, [], [], 1).draft?.version).toBe(4);
  });
});
