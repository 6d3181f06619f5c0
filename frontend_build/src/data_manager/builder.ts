/** The filter builder: groups of filters, each with a column, an operator of its type and a fitting input. */
import { icon, iconButton, make, select } from "./dom";
import { kindOf, offeredOperators, readOperand, shownOperand } from "./operands";
import { operandInputs, written } from "./operand_inputs";
import type { Column, ColumnsContext, Group, Rule, Value } from "./types";

const MAX_DEPTH = 4;
const DATA_TYPES: [string, string][] = [
  ["String", "as text"],
  ["Number", "as number"],
  ["Datetime", "as date"],
  ["Boolean", "as yes or no"],
];
const PREFIX = /^filters?:/;

interface EditedRule {
  column: Column;
  type: string;
  operator: string;
  /** What is written in its inputs. */
  written: string[];
  /** Why it cannot be used: the server says it, or it is not complete. */
  problem: string;
}

interface EditedGroup {
  conjunction: "and" | "or";
  items: (EditedRule | EditedGroup)[];
}

export class FilterBuilder {
  private group: EditedGroup = { conjunction: "and", items: [] };
  private readonly columns: Map<string, Column>;
  private names = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly context: ColumnsContext,
  ) {
    this.columns = new Map(context.columns.map((column) => [column.id, column]));
  }

  /** Show the filters that are active, with what is wrong with them. */
  load(filters: Group, problems: Record<string, string>): void {
    this.group = this.edited(filters, problems, "");
    this.render();
  }

  /** Return the filters; undefined while one of them is not complete, which is then said beside it. */
  read(): Group | undefined {
    const read = this.readGroup(this.group);
    if (!read) {
      this.render();
      this.root.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    }
    return read;
  }

  /** Begin with a first filter where there is none yet. */
  open(): void {
    if (!this.group.items.length) {
      this.group.items.push(this.newRule());
      this.render();
    }
    this.root.querySelector<HTMLElement>("select, input, textarea")?.focus();
  }

  private edited(group: Group, problems: Record<string, string>, path: string): EditedGroup {
    const items = group.items.map((item, place) =>
      "items" in item
        ? this.edited(item, problems, `${path}${place}.`)
        : this.editedRule(item, problems[`${path}${place}`] ?? ""),
    );
    return { conjunction: group.conjunction === "or" ? "or" : "and", items };
  }

  private editedRule(rule: Rule, problem: string): EditedRule {
    const column = this.column(String(rule.filter ?? "").replace(PREFIX, "").replace(/^tasks:/, ""));
    const type = column.isData && this.context.types[rule.type]?.ofData.length ? rule.type : column.type;
    const kind = kindOf(column, type, rule.operator);
    const value = kind === "boolean" && rule.value === undefined ? true : rule.value;
    return { column, type, operator: rule.operator, written: shownOperand(kind, value ?? null), problem };
  }

  /** Return a column; one that the page does not offer, such as a deeper key of the data, is a text. */
  private column(id: string): Column {
    const sample = this.context.columns.find((column) => column.isData) ?? this.context.columns[0];
    const isData = id.startsWith("data.");
    const unknown = { id, title: isData ? id.slice(5) : id, isData, choices: null, type: "String", valueType: "String" };
    return this.columns.get(id) ?? ({ ...(sample as Column), ...unknown } as Column);
  }

  private readGroup(group: EditedGroup): Group | undefined {
    const items = group.items.map((item) => ("items" in item ? this.readGroup(item) : this.readRule(item)));
    const complete = items.filter((item): item is Rule | Group => item !== undefined);
    if (complete.length < items.length) {
      return undefined;
    }
    return { conjunction: group.conjunction, items: complete.filter((item) => !("items" in item) || item.items.length) };
  }

  private readRule(rule: EditedRule): Rule | undefined {
    const kind = kindOf(rule.column, rule.type, rule.operator);
    const value: Value | undefined = readOperand(kind, rule.written, rule.column);
    rule.problem = value === undefined ? "Say what it is compared with." : "";
    if (value === undefined) {
      return undefined;
    }
    return { filter: `filter:tasks:${rule.column.id}`, operator: rule.operator, type: rule.type, value };
  }

  private newRule(): EditedRule {
    const column = this.context.columns[0] as Column;
    return this.withColumn(column, column.type);
  }

  private withColumn(column: Column, type: string): EditedRule {
    const [operator = "equal"] = this.operators(column, type);
    return { column, type, operator, written: this.startValue(column, type, operator), problem: "" };
  }

  private startValue(column: Column, type: string, operator: string): string[] {
    const kind = kindOf(column, type, operator);
    return kind === "boolean" ? ["true"] : kind === "choice" ? [String(column.choices?.[0]?.[0] ?? "")] : [];
  }

  private operators(column: Column, type: string): string[] {
    const operators = column.isData ? (this.context.types[type]?.ofData ?? []) : column.operators;
    return offeredOperators(operators, column, column.isData ? type : column.valueType);
  }

  private render(): void {
    this.names = 0;
    this.root.replaceChildren(this.groupElement(this.group, 1));
  }

  private groupElement(group: EditedGroup, depth: number, remove?: () => void): HTMLElement {
    const list = make("ul", { class: "dm-rules" });
    group.items.forEach((item, place) => {
      const removeItem = (): void => {
        group.items.splice(place, 1);
        this.render();
        this.root.querySelector<HTMLElement>("[data-add]")?.focus();
      };
      const body = "items" in item ? this.groupElement(item, depth + 1, removeItem) : this.ruleElement(group, item, place, removeItem);
      list.append(make("li", {}, body));
    });
    const add = (item: EditedRule | EditedGroup): void => {
      group.items.push(item);
      this.render();
      const fields = this.root.querySelectorAll<HTMLElement>("select[data-field=column]");
      [...fields].at(-1)?.focus();
    };
    const foot = make("div", { class: "btn-list" }, this.addButton("Add filter", () => add(this.newRule())));
    if (depth < MAX_DEPTH) {
      const other = group.conjunction === "and" ? "or" : "and";
      foot.append(this.addButton("Add group", () => add({ conjunction: other, items: [this.newRule()] })));
    }
    if (remove) {
      foot.append(iconButton("trash", "Remove this group", {}), "");
      foot.lastElementChild?.addEventListener("click", remove);
    }
    const head = group.items.length > 1 ? [this.conjunction(group)] : [];
    return make("div", { class: depth > 1 ? "dm-group is-inner" : "dm-group" }, ...head, list, foot);
  }

  private conjunction(group: EditedGroup): HTMLElement {
    const options: [string, string][] = [["and", "All of these hold"], ["or", "Any of these holds"]];
    const choice = select(options, group.conjunction, { class: "form-select form-select-sm dm-conjunction", "aria-label": "How the filters are joined" });
    choice.addEventListener("change", () => (group.conjunction = choice.value as "and" | "or"));
    return choice;
  }

  private addButton(text: string, onClick: () => void): HTMLElement {
    const button = make("button", { type: "button", class: "btn btn-sm", "data-add": true }, icon("plus"), ` ${text}`);
    button.addEventListener("click", onClick);
    return button;
  }

  private ruleElement(group: EditedGroup, rule: EditedRule, place: number, remove: () => void): HTMLElement {
    const replace = (changed: EditedRule, field: string): void => {
      group.items[place] = changed;
      const row = this.rows().indexOf(element);
      this.render();
      this.rows()[row]?.querySelector<HTMLElement>(`[data-field=${field}]`)?.focus();
    };
    const problemId = `dm-problem-${(this.names += 1)}`;
    const fields = [
      this.columnField(rule, (id) => {
        const column = this.column(id);
        replace(this.withColumn(column, column.type), "column");
      }),
      ...(rule.column.isData ? [this.typeField(rule, (type) => replace(this.withColumn(rule.column, type), "type"))] : []),
      this.operatorField(rule, (operator) => {
        const isSameKind = kindOf(rule.column, rule.type, operator) === kindOf(rule.column, rule.type, rule.operator);
        const value = isSameKind ? rule.written : this.startValue(rule.column, rule.type, operator);
        replace({ ...rule, operator, written: value, problem: "" }, "operator");
      }),
      ...this.valueFields(rule, problemId),
    ];
    const button = iconButton("x", `Remove the filter on ${rule.column.title}`);
    button.addEventListener("click", remove);
    const element: HTMLElement = make("div", { class: "dm-rule" }, ...fields, button);
    if (rule.problem) {
      element.append(make("div", { class: "invalid-feedback d-block", id: problemId }, rule.problem));
    }
    return element;
  }

  private rows(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(".dm-rule")];
  }

  private columnField(rule: EditedRule, onChange: (id: string) => void): HTMLElement {
    const options = this.context.columns.filter((column) => column.operators.length).map((column) => [column.id, column.title] as const);
    const known = options.some(([id]) => id === rule.column.id);
    const all = known ? options : [[rule.column.id, rule.column.title] as const, ...options];
    const field = select(all, rule.column.id, { "aria-label": "Column", "data-field": "column" });
    field.addEventListener("change", () => onChange(field.value));
    return field;
  }

  private typeField(rule: EditedRule, onChange: (type: string) => void): HTMLElement {
    const field = select(DATA_TYPES, rule.type, { "aria-label": "Compared", "data-field": "type" });
    field.addEventListener("change", () => onChange(field.value));
    return field;
  }

  private operatorField(rule: EditedRule, onChange: (operator: string) => void): HTMLElement {
    const words = this.context.types[rule.type]?.words ?? {};
    const names = this.operators(rule.column, rule.type);
    const all = names.includes(rule.operator) ? names : [rule.operator, ...names];
    const field = select(all.map((name) => [name, words[name] ?? name] as const), rule.operator, { "aria-label": "Operator", "data-field": "operator" });
    field.addEventListener("change", () => onChange(field.value));
    return field;
  }

  private valueFields(rule: EditedRule, problemId: string): HTMLElement[] {
    const kind = kindOf(rule.column, rule.type, rule.operator);
    const wrong = rule.problem ? { "aria-invalid": "true", "aria-describedby": problemId } : {};
    const fields = operandInputs(kind, rule.written, rule.column, wrong);
    for (const field of fields) {
      field.addEventListener("input", () => (rule.written = written(fields)));
    }
    return fields;
  }
}
