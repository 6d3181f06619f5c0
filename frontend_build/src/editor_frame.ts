/** Runs inside the editor's own frame: one frame shows one task, because the editor cannot be torn down cleanly. */
import "./styles/editor_frame.css";

import type { EditorAnnotation, EditorStore } from "./label/editor_library";
import type { Answer, Connect, FromEditor, OpenTask, ResultItem, ToEditor } from "./label/protocol";

const CONNECT: Connect = "label-studio:connect";

let port: MessagePort | undefined;
let current: EditorAnnotation | undefined;
/** Where in the editor's history of changes the answer was opened or last saved; leaving loses what came after. */
let savedStep = 0;
let isPreview = false;

addEventListener("message", (event: MessageEvent<unknown>) => {
  if (event.origin === location.origin && event.source === parent && event.data === CONNECT && !port) {
    port = event.ports[0];
    port?.addEventListener("message", (message: MessageEvent<ToEditor>) => obey(message.data));
    port?.start();
  }
});

// The editor reports an unknown tag or a broken value only as a rejected promise and stays empty.
addEventListener("unhandledrejection", (event) => fail(event.reason));
addEventListener("error", (event) => fail(event.error ?? event.message));
addEventListener("beforeunload", (event) => {
  if (isChanged()) {
    event.preventDefault();
  }
});

function obey(order: ToEditor): void {
  if (order.type === "open") {
    open(order);
  } else if (order.type === "saved") {
    savedStep = step();
    current?.updatePersonalKey(String(order.id));
  } else {
    focus();
  }
}

function open(order: OpenTask): void {
  const root = document.getElementById("editor");
  if (!root || !window.LabelStudio) {
    fail("The editor's files did not load.");
    return;
  }
  const { person, answer } = order;
  isPreview = order.isPreview ?? false;
  new window.LabelStudio(root, {
    config: order.config,
    interfaces: order.interfaces,
    user: person,
    users: [person],
    task: {
      ...order.task,
      annotations:
        answer && !answer.skipped ? [{ id: answer.id, result: answer.result, completed_by: person.id }] : [],
      predictions: order.predictions.map((prediction) => ({
        ...prediction,
        createdBy: prediction.model_version || "Prediction",
      })),
    },
    onStorageInitialized: (store) => start(store, order),
    onSubmitAnnotation: (_store, annotation) => send({ type: "submit", ...answerOf(annotation) }),
    onUpdateAnnotation: (_store, annotation) => send({ type: "submit", ...answerOf(annotation) }),
    onSkipTask: (store) => skip(store),
  });
}

/** Select what this person continues: the earlier answer, else a copy of the first prediction, else an empty one. */
function start(store: EditorStore, order: OpenTask): void {
  const annotations = store.annotationStore;
  const prediction = firstOf(annotations.predictions);
  current = firstOf(annotations.annotations);
  if (!current && order.answer) {
    current = annotations.addAnnotation({ userGenerate: true, result: order.answer.result });
  } else if (!current && prediction) {
    current = annotations.addAnnotationFromPrediction(prediction);
  }
  current ??= annotations.addAnnotation({ userGenerate: true });
  annotations.selectAnnotation(current.id);
  if (isPreview) {
    watchResult(current);
  } else {
    watch();
    focus();
  }
  send({ type: "opened" });
}

/** The editor's own lists complain when an index beyond their end is read. */
function firstOf<Item>(list: Item[]): Item | undefined {
  return list.length ? list[0] : undefined;
}

/** Tell the page when there is something to save. The editor announces only some changes, so they are looked for. */
function watch(): void {
  let told = false;
  savedStep = step();
  setInterval(() => {
    const changed = isChanged();
    if (changed && !told) {
      send({ type: "changed" });
    }
    told = changed;
  }, 400);
}

/** Tell the page what a preview's answer is whenever it is another one. */
function watchResult(annotation: EditorAnnotation): void {
  let told = "";
  setInterval(() => {
    const result = annotation.serializeAnnotation();
    const now = JSON.stringify(result);
    if (now !== told) {
      send({ type: "result", result: JSON.parse(now) as ResultItem[] });
    }
    told = now;
  }, 400);
}

function step(): number {
  return current?.history.undoIdx ?? 0;
}

function isChanged(): boolean {
  return !isPreview && step() !== savedStep;
}

function skip(store: EditorStore): void {
  const annotation = store.annotationStore.selected;
  if (annotation) {
    send({ type: "skip", ...answerOf(annotation) });
  }
}

function answerOf(annotation: EditorAnnotation): Answer {
  current = annotation;
  const seconds = (Date.now() - annotation.loadedDate.valueOf()) / 1000;
  return {
    result: annotation.serializeAnnotation(),
    leadTime: Math.round(((annotation.leadTime ?? 0) + seconds) * 1000) / 1000,
    parentPrediction: annotation.parent_prediction,
  };
}

/** Tell the page; of the editor's messages only the first line is for people. */
function fail(reason: unknown): void {
  const message = reason instanceof Error ? reason.message : String(reason);
  send({ type: "failed", message: message.split("\n")[0] ?? message });
}

function send(message: FromEditor): void {
  port?.postMessage(message);
}
