/** The parts of the editor that are switched on. Its own instruction panel renders raw HTML and stays off. */
const ALWAYS = [
  "panel",
  "topbar",
  "controls",
  "submit",
  "update",
  "side-column",
  "annotations:current",
  "annotations:tabs",
  "predictions:tabs",
  "edit-history",
];

export function editorInterfaces(options: {
  maySkip: boolean;
  mayBeEmpty: boolean;
  interactiveModel: number | null;
}): string[] {
  return [
    ...ALWAYS,
    ...(options.maySkip ? ["skip"] : []),
    ...(options.mayBeEmpty ? [] : ["annotations:deny-empty"]),
    ...(options.interactiveModel === null ? [] : ["auto-annotation"]),
  ];
}
