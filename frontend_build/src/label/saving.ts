import { ApiError, type Api, type Completion, type CompletionBody } from "./api";
import { randomUuid } from "./uuid";

/**
 * Saves one person's answer to one task so that it is stored exactly once.
 *
 * A create carries the same client-made id each time it is tried: an attempt whose answer was lost on the way is
 * found again by the server. When the answer changed between two such attempts, the stored one is then updated.
 */
export class AnswerSaving {
  private readonly uniqueId = randomUuid();
  /** What attempts with an unknown end have sent: one of these may be what the server holds. */
  private readonly uncertain = new Set<string>();

  constructor(
    private readonly api: Api,
    private readonly task: number,
    private id: number | null,
  ) {}

  /** Whether the server holds this answer. */
  get isStored(): boolean {
    return this.id !== null;
  }

  async save(body: CompletionBody): Promise<Completion> {
    const completion = this.id === null ? await this.create(body) : await this.api.update(this.id, body);
    this.id = completion.id;
    return completion;
  }

  private async create(body: CompletionBody): Promise<Completion> {
    const content = JSON.stringify([body.result, body.was_cancelled]);
    const completion = await this.attempt(content, { ...body, unique_id: this.uniqueId });
    const mayBeOlder = [...this.uncertain].some((attempt) => attempt !== content);
    return mayBeOlder ? this.api.update(completion.id, body) : completion;
  }

  private async attempt(content: string, body: CompletionBody): Promise<Completion> {
    try {
      return await this.api.create(this.task, body);
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTemporary) {
        this.uncertain.add(content);
      }
      throw error;
    }
  }
}
