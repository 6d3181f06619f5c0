import type { EditorRegion, EditorStore } from "./editor_library";
import type { FromEditor, ResultItem } from "./protocol";

/** Inside the frame: hands regions of smart tools to the page, and what a model makes of them to the editor. */
export class Suggestions {
  private number = 0;
  private readonly waiting = new Map<number, (result: ResultItem[]) => void>();

  constructor(private readonly send: (message: FromEditor) => void) {}

  /** Ask for suggestions to what a smart tool has finished: all of its kind together, a box by itself. */
  finished(store: EditorStore | undefined, region: EditorRegion, group: EditorRegion[]): void {
    const asked = isOutlineOfBox(region) ? newestBox(store) : group;
    this.ask(store, asked.map((one) => one.cleanId));
  }

  private ask(store: EditorStore | undefined, ids: string[]): void {
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

/** Whether the editor tells of an outline: its boxes, once drawn, are no more of a smart tool than others. */
function isOutlineOfBox(region: EditorRegion): boolean {
  // Its fields cannot be read without a warning: the outline is destroyed before the editor tells of it.
  return String(region).startsWith("RectRegionModel");
}

/** The box that was made of the outline. */
function newestBox(store: EditorStore | undefined): EditorRegion[] {
  const regions = store?.annotationStore.selected?.regionStore.regions ?? [];
  return regions.filter((one) => one.type === "rectangleregion").slice(-1);
}
