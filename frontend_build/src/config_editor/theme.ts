/** The code editor's look; its colours are variables of the page, so that both themes follow. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const highlighting = HighlightStyle.define([
  { tag: tags.tagName, color: "var(--code-tag)" },
  { tag: tags.attributeName, color: "var(--code-attribute)" },
  { tag: [tags.attributeValue, tags.character, tags.string], color: "var(--code-value)" },
  { tag: [tags.comment, tags.processingInstruction], color: "var(--code-quiet)", fontStyle: "italic" },
  { tag: [tags.angleBracket, tags.definitionOperator], color: "var(--code-quiet)" },
  { tag: tags.invalid, color: "var(--code-wrong)", textDecoration: "underline wavy" },
]);

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--tblr-body-color)", backgroundColor: "var(--tblr-bg-forms)" },
  "&.cm-focused": { outline: "none" },
  // Above the gutters, which would cover an outline.
  "&.cm-focused::after": {
    content: '""',
    position: "absolute",
    inset: "0",
    border: "2px solid var(--tblr-primary)",
    pointerEvents: "none",
    zIndex: "250",
  },
  ".cm-scroller": {
    fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
    fontSize: "13px",
    lineHeight: "1.5",
  },
  ".cm-content": { caretColor: "var(--tblr-body-color)", paddingBlock: ".5rem" },
  "& .cm-cursor": { borderLeftColor: "var(--tblr-body-color)" },
  ".cm-placeholder": { color: "var(--code-quiet)" },
  ".cm-gutters": { backgroundColor: "var(--tblr-bg-surface-secondary)", color: "var(--code-quiet)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-active-line)" },
  ".cm-panels": { backgroundColor: "var(--tblr-bg-surface-secondary)", color: "var(--tblr-body-color)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--tblr-border-color)" },
  ".cm-panel.cm-search": { padding: ".5rem .75rem", fontFamily: "var(--tblr-font-sans-serif)" },
  ".cm-panel.cm-search :is(input, button, label)": { fontSize: "13px" },
  ".cm-panel.cm-search :is(.cm-textfield, .cm-button)": { padding: ".1875rem .5rem", borderRadius: "var(--tblr-border-radius)" },
  ".cm-textfield": { color: "inherit", backgroundColor: "var(--tblr-bg-forms)", borderColor: "var(--tblr-border-color)" },
  ".cm-button": { color: "inherit", backgroundImage: "none", backgroundColor: "var(--tblr-bg-surface)", borderColor: "var(--tblr-border-color)" },
  ".cm-panel.cm-search button[name=close]": { color: "inherit", fontSize: "1.25rem", padding: "0 .5rem" },
  ".cm-tooltip": {
    color: "var(--tblr-body-color)",
    backgroundColor: "var(--tblr-bg-surface)",
    border: "1px solid var(--tblr-border-color)",
    borderRadius: "var(--tblr-border-radius)",
    boxShadow: "0 4px 14px rgb(0 0 0 / 18%)",
    maxWidth: "min(30rem, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--tblr-primary)", color: "#fff" },
  ".cm-tooltip.cm-completionInfo": { padding: ".375rem .625rem" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-diagnosticText": { whiteSpace: "pre-wrap" },
});

/** Return the look that follows the page's variables. */
export function codeTheme(): Extension {
  return [look, syntaxHighlighting(highlighting)];
}

/** Tell CodeMirror's own rules whether the page is dark. */
export function darkness(): Extension {
  return EditorView.darkTheme.of(document.documentElement.dataset["bsTheme"] === "dark");
}
