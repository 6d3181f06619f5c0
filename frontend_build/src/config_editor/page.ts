/** The parts of the config editor, put together. */
import type { Person } from "../label/protocol";
import { withTexts } from "../label/task_texts";
import { ConfigCheck, type Verdict } from "./check";
import { CodeEditor } from "./code_editor";
import { labelingXml } from "./completion";
import { element } from "./elements";
import { Panes, type Pane } from "./panes";
import { Preview } from "./preview";
import { PreviewTasks } from "./preview_tasks";
import { diagnosticsOf, placeOf, ProblemList } from "./problems";
import { fetchRegistry } from "./registry";
import { Saving } from "./saving";
import { watchTemplates, type Template } from "./templates";
import { VisualPanel } from "./visual/panel";

export interface ConfigEditorContext {
  checkAddress: string;
  tagsAddress: string;
  frameAddress: string;
  /** The address of a task's data, with 0 for its id; null: the project has no tasks. */
  taskAddress: string | null;
  /** The config that is stored now. */
  saved: string;
  /** The task of the template that is loaded. */
  sample: Record<string, unknown> | null;
  /** The address of a template, with NAME for its name. */
  templateAddress: string;
  person: Person;
}

export class ConfigEditorPage {
  /** What the form sends; without scripts people edit it directly. */
  private readonly field = element<HTMLTextAreaElement>("id_label_config");
  private readonly code: CodeEditor;
  private readonly visual: VisualPanel;
  private readonly preview: Preview;
  private readonly tasks: PreviewTasks;
  private readonly check: ConfigCheck;
  private readonly problems: ProblemList;
  private readonly saving: Saving;
  private readonly panes: Panes;
  private verdict: { config: string; verdict: Verdict } | undefined;

  constructor(private readonly context: ConfigEditorContext) {
    this.saving = new Saving(this.form, context.saved, () => this.code.text);
    this.code = this.openCode();
    this.visual = new VisualPanel(element("config-visual"), {
      edit: (edits) => this.code.edit(edits),
      text: () => this.code.text,
    });
    this.preview = new Preview(context.frameAddress, context.person);
    this.tasks = new PreviewTasks(context.taskAddress, () => this.updatePreview(), (reason) => this.preview.refuse(reason));
    this.problems = new ProblemList((problem) => {
      this.panes.select("code");
      this.code.goTo(placeOf(this.code.document, problem));
    });
    this.check = new ConfigCheck(context.checkAddress, () => this.csrfToken, (config, verdict) => this.judge(config, verdict));
    this.panes = new Panes((visible) => this.look(visible));
  }

  /** Begin with what the page holds. */
  async start(): Promise<void> {
    this.watchButtons();
    this.watchField();
    watchTemplates(this.context.templateAddress, (template) => this.load(template));
    this.panes.select("code");
    this.saving.compare();
    void this.check.check(this.code.text);
    const registry = await fetchRegistry(this.context.tagsAddress);
    this.code.setLanguage(labelingXml(registry, () => this.dataKeys));
    this.visual.setRegistry(registry);
  }

  private get form(): HTMLFormElement {
    const { form } = this.field;
    if (!form) {
      throw new Error("The labeling config stands in no form.");
    }
    return form;
  }

  private get csrfToken(): string {
    return this.form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  private get dataKeys(): string[] {
    return [...new Set([...this.tasks.keys, ...Object.keys(this.verdict?.verdict.sample ?? {})])];
  }

  private openCode(): CodeEditor {
    const host = element("config-code");
    element("config-editor").classList.add("is-enhanced");
    return new CodeEditor({
      host,
      text: this.field.value,
      label: "Labeling config",
      hint: element("config-hint").textContent ?? "",
      onChange: (text) => this.hearChange(text),
      onSave: () => this.form.requestSubmit(),
    });
  }

  private hearChange(text: string): void {
    this.field.value = text;
    this.saving.compare();
    this.visual.update();
    this.check.schedule(text);
  }

  private judge(config: string, verdict: Verdict | null): void {
    if (config !== this.code.text) {
      return;
    }
    this.problems.show(verdict);
    if (verdict) {
      this.verdict = { config, verdict };
      this.code.underline(diagnosticsOf(this.code.document, verdict));
      this.updatePreview();
    }
  }

  private updatePreview(): void {
    if (!this.verdict) {
      return;
    }
    const { config, verdict } = this.verdict;
    const [first] = verdict.problems;
    if (first) {
      this.preview.refuse(first.line ? `Line ${first.line}: ${first.message}` : first.message);
    } else if (verdict.sample) {
      const { id, data } = this.tasks.chosen ?? { id: 0, data: this.sampleFor(verdict.sample) };
      void this.preview.show({ config, task: id, data: withTexts(data, verdict.textKeys) });
    } else {
      this.preview.clear();
    }
  }

  /** The template's own task says more than made-up data, as long as it has all that is shown. */
  private sampleFor(madeUp: Record<string, unknown>): Record<string, unknown> {
    const own = this.context.sample;
    return own && Object.keys(madeUp).every((key) => key in own) ? own : madeUp;
  }

  private look(visible: ReadonlySet<Pane>): void {
    this.visual.setVisible(visible.has("visual"));
    this.preview.setVisible(visible.has("preview"));
  }

  private watchButtons(): void {
    const actions: Record<string, () => void> = {
      "config-undo": () => this.code.undo(),
      "config-redo": () => this.code.redo(),
      "config-find": () => {
        this.panes.select("code");
        this.code.find();
      },
      "config-format": () => this.layOut(),
    };
    for (const [id, act] of Object.entries(actions)) {
      element(id).addEventListener("click", act);
    }
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && !event.defaultPrevented) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
  }

  private layOut(): void {
    const isDone = this.code.format();
    element("config-message").textContent = isDone
      ? ""
      : "The config is not well-formed XML. Mend the problems listed below, then format it.";
  }

  /** Put a template in place of the config; undo brings it back. */
  private load(template: Template): void {
    this.context.sample = template.task;
    this.code.replace(template.config);
    element("config-message").textContent = `The template “${template.title}” is loaded.`;
    element("config-editor").scrollIntoView({ block: "start" });
    this.code.focus();
  }

  /** Others fill the field: a template that is chosen, the browser that restores a page. */
  private watchField(): void {
    this.field.addEventListener("input", () => this.code.replace(this.field.value));
    addEventListener("pageshow", () => this.code.replace(this.field.value));
    document.querySelector(`label[for="${this.field.id}"]`)?.addEventListener("click", (event) => {
      event.preventDefault();
      this.code.focus();
    });
  }
}
