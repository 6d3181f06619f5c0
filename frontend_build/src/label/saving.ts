import { ApiError, type Api, type Completion, type CompletionBody } from "./api";
import { randomUuid } from "./uuid";

/**
 * Saves one person's answer to one task so that it is stored exactly once.
 *
 * A create carries a client-made id, by which the server knows an attempt again whose reply was lost on the way. The
 * server wants such an attempt repeated as it was; what changed since is then sent as an update.
 */
export class AnswerSaving {
  private readonly uniqueId = randomUuid();
  private attempted: CompletionBody | undefined;

  constructor(
    private readonly api: Api,
    private readonly task: number,
    private id: number | null,
  ) {}

  /** Store the answer and return its id. */
  async save(body: CompletionBody): Promise<number> {
    if (this.id === null) {
      const first = this.attempted ?? body;
      this.id = (await this.create(first)).id;
      if (first === body) {
        return this.id;
      }
    }
    await this.api.update(this.id, body);
    return this.id;
  }

  private async create(body: CompletionBody): Promise<Completion> {
    try {
      return await this.api.create(this.task, { ...body, unique_id: this.uniqueId });
    } catch (error) {
      this.attempted = bodyToRepeat(error, this.attempted, body);
      throw error;
    }
  }
}

/** What the next attempt must send first: unknown ends are repeated, a refusal of the body itself ends it. */
function bodyToRepeat(error: unknown, earlier: CompletionBody | undefined, body: CompletionBody): CompletionBody | undefined {
  if (error instanceof ApiError && !error.isTemporary) {
    return error.isSignedOut ? earlier : undefined;
  }
  return body;
}
