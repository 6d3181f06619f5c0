/** What the side panel asks of the editor, as events of the document: the panel knows nothing of the frame. */
import type { ToEditor } from "./protocol";

/** Listen to `label:select-region` ({id: string}) and `label:use-prediction` ({id: number}). */
export function watchPanel(send: (message: ToEditor) => void): void {
  document.addEventListener("label:select-region", (event) => {
    send({ type: "selectRegion", id: String(detailOf(event)["id"]) });
    send({ type: "focus" });
  });
  document.addEventListener("label:use-prediction", (event) => {
    send({ type: "usePrediction", id: Number(detailOf(event)["id"]) });
    send({ type: "focus" });
  });
}

function detailOf(event: Event): Record<string, unknown> {
  return ((event as CustomEvent<Record<string, unknown> | null>).detail ?? {}) as Record<string, unknown>;
}
