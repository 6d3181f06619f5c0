/** `<textarea data-mentions="address">` proposes members while one types a name after `@`; Ctrl+Enter sends its form. */

interface Member {
  name: string;
  email: string;
  /** What is written after the `@`. */
  insert: string;
}

/** A name being typed: where its `@` stands, and what follows up to the caret. */
export interface TypedName {
  start: number;
  query: string;
}

const PAUSE_MS = 120;
const LONGEST = 60;

/** Return the name that is being typed at the caret, if one is. */
export function typedName(text: string, caret: number): TypedName | undefined {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const found = /(?:^|[^\w@.+-])@((?:[^\s@][^@\n]*)?)$/.exec(before);
  if (!found || (found[1] ?? "").split(" ").length > 3) {
    return undefined;
  }
  const query = found[1] ?? "";
  return { start: caret - query.length - 1, query };
}

export function watchMentionFields(): void {
  document.addEventListener("input", (event) => {
    if (isMentionField(event.target)) {
      listOf(event.target).look();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (isMentionField(event.target)) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.target.form?.requestSubmit();
      } else {
        listOf(event.target).key(event);
      }
    }
  });
  document.addEventListener("focusout", (event) => {
    if (isMentionField(event.target)) {
      listOf(event.target).close();
    }
  });
}

const lists = new WeakMap<HTMLTextAreaElement, MentionList>();
let lastId = 0;

function isMentionField(target: EventTarget | null): target is HTMLTextAreaElement {
  return target instanceof HTMLTextAreaElement && target.dataset["mentions"] !== undefined;
}

function listOf(field: HTMLTextAreaElement): MentionList {
  let list = lists.get(field);
  if (!list) {
    list = new MentionList(field);
    lists.set(field, list);
  }
  return list;
}

class MentionList {
  private readonly list = document.createElement("ul");
  private members: Member[] = [];
  private chosen = 0;
  private timer = 0;
  /** Counts the questions, so that an answer that comes too late is known. */
  private asked = 0;

  constructor(private readonly field: HTMLTextAreaElement) {
    this.list.id = `mention-list-${(lastId += 1)}`;
    this.list.className = "mention-options";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Members");
    this.list.hidden = true;
    // The field must keep the focus, or its list would close before the click arrives.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) {
        this.take(Number(option.dataset["index"]));
      }
    });
    field.after(this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
  }

  /** Propose members if a name is being typed. */
  look(): void {
    clearTimeout(this.timer);
    const typed = typedName(this.field.value, this.field.selectionStart);
    if (typed) {
      this.timer = window.setTimeout(() => void this.ask(typed), PAUSE_MS);
    } else {
      this.close();
    }
  }

  key(event: KeyboardEvent): void {
    if (this.list.hidden || event.isComposing) {
      return;
    }
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) {
      this.choose((this.chosen + step + this.members.length) % this.members.length);
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.take(this.chosen);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  close(): void {
    clearTimeout(this.timer);
    this.asked += 1;
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  private async ask(typed: TypedName): Promise<void> {
    const turn = (this.asked += 1);
    const address = `${this.field.dataset["mentions"]}?${new URLSearchParams({ q: typed.query })}`;
    const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => undefined);
    if (turn !== this.asked || !response?.ok) {
      return;
    }
    this.members = ((await response.json()) as { members: Member[] }).members;
    if (turn === this.asked && this.members.length > 0) {
      this.show();
    } else if (turn === this.asked) {
      this.close();
    }
  }

  private show(): void {
    this.list.replaceChildren(...this.members.map((member, index) => option(member, index, this.list.id)));
    this.list.hidden = false;
    this.choose(0);
  }

  private choose(index: number): void {
    this.chosen = index;
    for (const [place, element] of [...this.list.children].entries()) {
      element.setAttribute("aria-selected", String(place === index));
    }
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  private take(index: number): void {
    const member = this.members[index];
    const typed = typedName(this.field.value, this.field.selectionStart);
    this.close();
    if (member && typed) {
      this.field.setRangeText(`@${member.insert} `, typed.start, this.field.selectionStart, "end");
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

function option(member: Member, index: number, list: string): HTMLLIElement {
  const made = document.createElement("li");
  made.id = `${list}-${index}`;
  made.dataset["index"] = String(index);
  made.setAttribute("role", "option");
  const name = document.createElement("span");
  name.textContent = member.name;
  made.append(name);
  if (member.email !== member.name) {
    const email = document.createElement("small");
    email.textContent = member.email;
    made.append(" ", email);
  }
  return made;
}
