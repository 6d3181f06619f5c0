import type { Api } from "./api";
import type { Notices } from "./notices";
import type { ResultItem, ToEditor } from "./protocol";

/** Asks the project's interactive model what it makes of regions; labeling goes on whatever becomes of that. */
export class Assistant {
  constructor(
    private readonly api: Pick<Api, "suggest">,
    private readonly model: number | null,
    private readonly notices: Pick<Notices, "tell" | "close">,
    private readonly send: (message: ToEditor) => void,
  ) {}

  /** Answer the editor's request in any case: until then it shows that it waits. */
  async suggest(task: number | undefined, request: number, drawn: ResultItem[]): Promise<void> {
    let result: ResultItem[] = [];
    try {
      result = await this.ask(task, drawn);
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error));
    }
    this.send({ type: "suggestions", request, result });
  }

  private async ask(task: number | undefined, drawn: ResultItem[]): Promise<ResultItem[]> {
    if (this.model === null || task === undefined) {
      return [];
    }
    const { data, errors } = await this.api.suggest(this.model, task, drawn);
    if (!data) {
      throw new Error(errors?.join(" ") || "It gave no answer.");
    }
    this.notices.close("model");
    return data.result;
  }

  private tell(why: string): void {
    this.notices.tell("model", `The model suggests nothing: ${why} You can go on by hand.`, []);
  }
}
