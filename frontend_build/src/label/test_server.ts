/** For tests: a server behind `fetch` that answers as it is told, and notes what it was asked. */

export interface Asked {
  method: string;
  path: string;
  body: Record<string, unknown> | null;
}

export type Reply = { status: number; body?: unknown } | "unreachable";

/** Answers requests with `reply`, in place of the network. */
export class TestServer {
  readonly asked: Asked[] = [];

  constructor(public reply: (asked: Asked) => Reply) {}

  readonly fetch = async (path: string, options: RequestInit): Promise<Response> => {
    const body = options.body ? (JSON.parse(String(options.body)) as Record<string, unknown>) : null;
    const asked = { method: options.method ?? "GET", path, body };
    this.asked.push(asked);
    const reply = this.reply(asked);
    if (reply === "unreachable") {
      throw new TypeError("Failed to fetch");
    }
    return new Response(reply.status === 204 ? null : JSON.stringify(reply.body ?? {}), { status: reply.status });
  };
}
