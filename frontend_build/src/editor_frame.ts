/** Runs inside the editor's own frame: one frame shows one task, because the editor cannot be torn down cleanly. */
import "./styles/editor_frame.css";

import { commandOf } from "./label/commands";
import type { AnnotationStore, EditorAnnotation, EditorStore } from "./label/editor_library";
import type { Answer, Connect, FromEditor, OpenTask, ResultItem, Theme, ToEditor } from "./label/protocol";
import { Suggestions } from "./label/suggestions";

const CONNECT: Connect = "label-studio:connect";
const LOOKING_MS = 150;
/** Serializing a large answer takes long: it may take this part of the time. */
const SHARE = 1 / 10;

let port: MessagePort | undefined;
let annotations: AnnotationStore | undefined;
let current: EditorAnnotation | undefined;
/** The state of the answer that the page knows. */
let told: unknown;
let isPreview = false;
/** Somebody has touched the editor; what changes before that is the editor's own doing, as when a picture has loaded. */
let isTouched = false;
const suggestions = new Suggestions((message) => send(message));

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
for (const kind of ["pointerdown", "keydown", "drop", "paste"]) {
  addEventListener(kind, () => (isTouched = true), { capture: true });
}
addEventListener("keydown", (event) => {
  const command = isPreview ? undefined : commandOf(event);
  if (command) {
    event.preventDefault();
    event.stopPropagation();
    send({ type: "command", command });
  }
}, { capture: true });

function obey(order: ToEditor): void {
  switch (order.type) {
    case "open":
      open(order);
      break;
    case "saved":
      current?.updatePersonalKey(String(order.id));
      break;
    case "theme":
      show(order.theme);
      break;
    case "selectRegion":
      selectRegion(order.id);
      break;
    case "usePrediction":
      usePrediction(order.id);
      break;
    case "suggestions":
      suggestions.answer(order.request, order.result);
      break;
    case "focus":
      focus();
  }
}

function show(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}

function open(order: OpenTask): void {
  const root = document.getElementById("editor");
  if (!root || !window.LabelStudio) {
    fail("The editor's files did not load.");
    return;
  }
  const { person, answer } = order;
  isPreview = order.isPreview ?? false;
  show(order.theme ?? "light");
  const editor = new window.LabelStudio(root, {
    config: order.config,
    interfaces: order.interfaces,
    user: person,
    users: [person],
    task: {
      ...order.task,
      annotations: answer?.id ? [{ id: answer.id, result: answer.result, completed_by: person.id }] : [],
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
  if (order.interfaces.includes("auto-annotation")) {
    editor.on("regionFinishedDrawing", (region, group) => suggestions.finished(window.Htx, region, group));
  }
}

/** Select what this person continues: the earlier answer, else a copy of the first prediction, else an empty one. */
function start(store: EditorStore, order: OpenTask): void {
  annotations = store.annotationStore;
  const prediction = firstOf(annotations.predictions);
  current = firstOf(annotations.annotations);
  if (!current && !order.answer && prediction) {
    current = annotations.addAnnotationFromPrediction(prediction);
  }
  const isNew = !current;
  current ??= annotations.addAnnotation({ userGenerate: true });
  annotations.selectAnnotation(current.id);
  if (isNew && order.answer) {
    fill(current, order.answer.result);
  }
  if (isPreview) {
    watchResult(current);
  } else {
    watch(annotations);
  }
  if (!isPreview && !order.isInBackground) {
    focus();
  }
  send({ type: "opened" });
}

/** Put unsubmitted work into an answer: it fills only those by itself that it loads as stored ones. */
function fill(annotation: EditorAnnotation, result: ResultItem[]): void {
  annotation.deserializeResults(result);
  annotation.updateObjects();
  annotation.reinitHistory();
}

/** The editor's own lists complain when an index beyond their end is read. */
function firstOf<Item>(list: Item[]): Item | undefined {
  return list.length ? list[0] : undefined;
}

/** Tell the page each change. The editor announces only some of them, so they are looked for. */
function watch(store: AnnotationStore): void {
  told = stateOf(current);
  let region: string | null = null;
  const look = (): void => {
    const begin = performance.now();
    follow(store);
    const state = stateOf(current);
    if (current && isTouched && state !== told) {
      send({ type: "changed", ...answerOf(current) });
    }
    told = state;
    const selected = current?.highlightedNode?.cleanId ?? null;
    if (selected !== region) {
      region = selected;
      send({ type: "regionSelected", id: region });
    }
    setTimeout(look, Math.max(LOOKING_MS, (performance.now() - begin) / SHARE));
  };
  look();
}

/** A person may go on with a copy of a prediction that they made in the editor itself. */
function follow(store: AnnotationStore): void {
  const { selected } = store;
  if (selected && selected !== current && selected.type === "annotation") {
    current = selected;
    told = undefined;
  }
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

/**
 * The editor makes a new object of each state of an answer, for its undoing.
 *
 * It makes the first one anew when the data has loaded, which is no change.
 */
function stateOf(annotation: EditorAnnotation | undefined): unknown {
  const { undoIdx, history } = annotation?.history ?? { undoIdx: 0, history: [] };
  return undoIdx === 0 ? "as it was opened" : history[undoIdx];
}

function selectRegion(id: string): void {
  const region = current?.regionStore.regions.find((one) => one.cleanId === id);
  if (region) {
    current?.selectArea(region);
  }
}

function usePrediction(id: number): void {
  const prediction = annotations?.predictions.find((one) => one.pk === String(id));
  if (annotations && prediction) {
    current = annotations.addAnnotationFromPrediction(prediction);
    told = undefined;
    annotations.selectAnnotation(current.id);
  }
}

function skip(store: EditorStore): void {
  const annotation = store.annotationStore.selected;
  if (annotation) {
    send({ type: "skip", ...answerOf(annotation) });
  }
}

/** Return what the page is told of an answer; it need not be told the same once more, as a change behind the submit. */
function answerOf(annotation: EditorAnnotation): Answer {
  current = annotation;
  told = stateOf(annotation);
  return { result: plain(annotation.serializeAnnotation()), parentPrediction: annotation.parent_prediction };
}

/** Of the editor's own live objects as little as of its functions can be sent. */
function plain(result: ResultItem[]): ResultItem[] {
  return JSON.parse(JSON.stringify(result)) as ResultItem[];
}

/** Tell the page; of the editor's messages only the first line is for people. */
function fail(reason: unknown): void {
  const message = reason instanceof Error ? reason.message : String(reason);
  send({ type: "failed", message: message.split("\n")[0] ?? message });
}

function send(message: FromEditor): void {
  port?.postMessage(message);
}
