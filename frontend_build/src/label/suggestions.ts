import type { EditorStore } from "./editor_library";
import type { FromEditor, ResultItem } from "./protocol";

/** Inside the frame: hands regions of smart tools to the page, and what a model makes of them to the editor. */
export class Suggestions {
  private number = 0;
  private readonly waiting = new Map<number, (result: ResultItem[]) => void>();

  constructor(private readonly send: (message: FromEditor) => void) {}

  /** Ask for suggestions to the regions with these ids. */
  ask(store: EditorStore | undefined, ids: string[]): void {
    const annotation = store?.annotationStore.selected;
    if (!store || annotation?.type !== "annotation") {
      return;
    }
    const drawn = annotation.serializeAnnotation().filter((item) => ids.includes(String(item["id"])));
    if (!drawn.length) {
      return;
    }
    const request = (this.number += 1);
    const answer = new Promise<ResultItem[]>((resolve) => this.waiting.set(request, resolve));
    store.loadSuggestions(answer, (result) => result);
    this.send({ type: "drawn", request, result: JSON.parse(JSON.stringify(drawn)) as ResultItem[] });
  }

  answer(request: number, result: ResultItem[]): void {
    this.waiting.get(request)?.(result);
    this.waiting.delete(request);
  }
}
