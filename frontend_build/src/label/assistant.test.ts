import { describe, expect, it } from "vitest";

import { ApiError } from "./api";
import { Assistant } from "./assistant";
import type { Suggested } from "./documents";
import type { ToEditor } from "./protocol";

const DRAWN = [{ id: "r1", from_name: "box", to_name: "image", type: "rectanglelabels", value: { x: 1 } }];
const FOUND = [{ id: "s1", from_name: "box", to_name: "image", type: "rectanglelabels", value: { x: 2 } }];

function assistantWith(answer: () => Promise<Suggested>, model: number | null = 7) {
  const asked: unknown[] = [];
  const sent: ToEditor[] = [];
  const told = new Map<string, string>();
  const api = {
    suggest: (...what: unknown[]) => {
      asked.push(what);
      return answer();
    },
  };
  const notices = { tell: (subject: string, text: string) => told.set(subject, text), close: (subject: string) => told.delete(subject) };
  return { assistant: new Assistant(api, model, notices as never, (message) => sent.push(message)), asked, sent, told };
}

describe("Assistant", () => {
  it("hands the editor what the model makes of a region", async () => {
    const { assistant, asked, sent } = assistantWith(async () => ({ data: { result: FOUND } }));
    await assistant.suggest(3, 1, DRAWN);
    expect(asked).toEqual([[7, 3, DRAWN]]);
    expect(sent).toEqual([{ type: "suggestions", request: 1, result: FOUND }]);
  });

  it("answers the editor with nothing, and says why, when the model fails", async () => {
    const { assistant, sent, told } = assistantWith(async () => ({ errors: ["it ran out of memory."] }));
    await assistant.suggest(3, 1, DRAWN);
    expect(sent).toEqual([{ type: "suggestions", request: 1, result: [] }]);
    expect(told.get("model")).toBe("The model suggests nothing: it ran out of memory. You can go on by hand.");
  });

  it("answers the editor although the server cannot be reached", async () => {
    const { assistant, sent, told } = assistantWith(() => Promise.reject(new ApiError(0, "The server cannot be reached.")));
    await assistant.suggest(3, 2, DRAWN);
    expect(sent).toEqual([{ type: "suggestions", request: 2, result: [] }]);
    expect(told.get("model")).toContain("The server cannot be reached.");
  });

  it("takes back what it said once the model answers", async () => {
    const answers: Suggested[] = [{ errors: ["it starts."] }, { data: { result: FOUND } }];
    const { assistant, told } = assistantWith(async () => answers.shift() ?? {});
    await assistant.suggest(3, 1, DRAWN);
    await assistant.suggest(3, 2, DRAWN);
    expect(told.has("model")).toBe(false);
  });

  it("asks nobody in a project without an interactive model", async () => {
    const { assistant, asked, sent } = assistantWith(async () => ({}), null);
    await assistant.suggest(3, 1, DRAWN);
    expect(asked).toEqual([]);
    expect(sent).toEqual([{ type: "suggestions", request: 1, result: [] }]);
  });
});
