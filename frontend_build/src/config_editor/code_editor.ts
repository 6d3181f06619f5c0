/** The text of the config: CodeMirror in a shadow root, where its styles need no exception from the page's policy. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory, redo, undo } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorSelection, EditorState, type Extension, type Text, type Transaction } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from "@codemirror/view";

import { codeTheme, darkness } from "./theme";
import { format } from "./xml/format";
import type { TextEdit } from "./xml/document";

export interface CodeEditorOptions {
  host: HTMLElement;
  text: string;
  label: string;
  hint: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

export class CodeEditor {
  private readonly view: EditorView;
  private readonly language = new Compartment();
  private readonly darkness = new Compartment();

  constructor(private readonly options: CodeEditorOptions) {
    const root = options.host.attachShadow({ mode: "open" });
    const hint = document.createElement("span");
    hint.id = "hint";
    hint.hidden = true;
    hint.textContent = options.hint;
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: options.text, extensions: this.extensions() }),
    });
    root.append(hint);
    this.followTheme();
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  get document(): Text {
    return this.view.state.doc;
  }

  /** Complete from a registry that arrived. */
  setLanguage(language: Extension): void {
    this.view.dispatch({ effects: this.language.reconfigure(language) });
  }

  /** Change the text in one step that can be undone alone. */
  edit(edits: TextEdit[]): void {
    if (edits.length) {
      this.view.dispatch({ changes: edits, annotations: isolateHistory.of("full"), userEvent: "input.visual" });
    }
  }

  /** Put another text in place of all. */
  replace(text: string): void {
    if (text !== this.text) {
      this.edit([{ from: 0, to: this.view.state.doc.length, insert: text }]);
    }
  }

  underline(diagnostics: Diagnostic[]): void {
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  goTo(place: { from: number; to: number }): void {
    this.view.dispatch({ selection: { anchor: place.from, head: place.to }, scrollIntoView: true });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  undo(): void {
    undo(this.view);
  }

  redo(): void {
    redo(this.view);
  }

  find(): void {
    openSearchPanel(this.view);
  }

  /** Lay the text out; false when it is not well-formed. */
  format(): boolean {
    const formatted = format(this.text);
    if (formatted !== null) {
      this.replace(formatted);
    }
    return formatted !== null;
  }

  private extensions(): Extension[] {
    return [
      lineNumbers(),
      lintGutter(),
      history(),
      indentOnInput(),
      indentUnit.of("  "),
      bracketMatching(),
      closeBrackets(),
      autocompletion(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      search({ top: true }),
      placeholder("<View> …"),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": this.options.label, "aria-describedby": "hint", spellcheck: "false" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) {
          this.options.onChange(this.text);
        }
      }),
      this.keys(),
      typeOverSelections,
      codeTheme(),
      this.darkness.of(darkness()),
      this.language.of([]),
    ];
  }

  private keys(): Extension {
    return keymap.of([
      { key: "Mod-s", preventDefault: true, run: () => (this.options.onSave(), true) },
      { key: "Shift-Alt-f", preventDefault: true, run: () => this.format() },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]);
  }

  private followTheme(): void {
    const observer = new MutationObserver(() => this.view.dispatch({ effects: this.darkness.reconfigure(darkness()) }));
    observer.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  }
}

/**
 * Replaces a selection that is typed over by ourselves: the browser would give the new text the colours of the old one
 * in a style attribute, which the page's policy refuses with an error on the console.
 */
const typeOverSelections = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const replaced = selectedRange(view);
    const text = event.data;
    if (event.inputType !== "insertText" || !text || !replaced || view.composing) {
      return false;
    }
    const { from, to } = replaced;
    const insert = (): Transaction => {
      const selection = EditorSelection.cursor(from + text.length);
      return view.state.update({ changes: { from, to, insert: text }, selection, userEvent: "input.type", scrollIntoView: true });
    };
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, from, to, text, insert))) {
      view.dispatch(insert());
    }
    event.preventDefault();
    return true;
  },
});

/**
 * What is selected in the document; null when that is nothing.
 *
 * The browser may know of a selection that was only just made and has not reached the editor's state. In a shadow root
 * only Chromium has a selection, and only Chromium takes over colours.
 */
function selectedRange(view: EditorView): { from: number; to: number } | null {
  const root = view.root as ShadowRoot & { getSelection?: () => Selection | null };
  const { anchorNode, anchorOffset, focusNode, focusOffset } = root.getSelection?.() ?? {};
  if (!anchorNode || !focusNode || !view.contentDOM.contains(anchorNode) || !view.contentDOM.contains(focusNode)) {
    return null;
  }
  const anchor = view.posAtDOM(anchorNode, anchorOffset);
  const focus = view.posAtDOM(focusNode, focusOffset);
  return anchor === focus ? null : { from: Math.min(anchor, focus), to: Math.max(anchor, focus) };
}
