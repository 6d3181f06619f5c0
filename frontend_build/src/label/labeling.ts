import { ApiError, type Api } from "./api";
import { Answering, type ReadyTask } from "./answering";
import { AnswerMenu } from "./answer_menu";
import { Assistant } from "./assistant";
import { ComingTask } from "./coming_task";
import { ConflictDialog } from "./conflict_dialog";
import { withCompletion, type Task } from "./documents";
import { sendKeptDrafts } from "./draft_buffer";
import { EditorHost } from "./editor_host";
import { EmptyQueue } from "./empty_queue";
import { LeaseKeeper } from "./lease";
import type { LocalStore } from "./local_store";
import { Notices } from "./notices";
import { OpenedPredictions } from "./opened_predictions";
import { watchTheme, type LabelPageContext } from "./opening";
import type { PageElements, SaveState } from "./page_elements";
import { watchPanel } from "./panel_events";
import { PastTasks } from "./past_tasks";
import { tellEditorFailed, tellLeaseLost, tellNotLoaded, tellNotSaved, tellUnreachable } from "./problems";
import type { Answer, FromEditor, PageCommand } from "./protocol";
import { RefusedSaves } from "./refused_saves";
import { SendQueue, type Outcome } from "./send_queue";
import { runCommand, watchCommands } from "./shortcuts";
import { SignIn } from "./sign_in";
import { isInStream, showAddress } from "./task_address";

/** Why the page waits and goes on by itself. */
type Pause = "no-task" | "offline" | "signed-out";

/** Hands one task after the other to the editor and its answers to the server. */
export class Labeling {
  private readonly host: EditorHost;
  private readonly queue: SendQueue;
  private readonly answering: Answering;
  private readonly signIn: SignIn;
  private readonly leases: LeaseKeeper;
  private readonly past: PastTasks;
  private readonly empty: EmptyQueue;
  private readonly menu: AnswerMenu;
  private readonly refused: RefusedSaves;
  private readonly assistant: Assistant;
  private readonly opened: OpenedPredictions;
  private readonly coming: ComingTask;
  private readonly notices = new Notices();
  private shown: Task | undefined;
  private pause: Pause | undefined;
  private isStream: boolean;
  private isOpened = false;
  /** Counts what was asked for, so that an answer that comes too late is known. */
  private turn = 0;

  constructor(
    private readonly context: LabelPageContext,
    private readonly api: Api,
    private readonly store: LocalStore,
    private readonly page: PageElements,
  ) {
    const { project, person } = context;
    const conflicts = new ConflictDialog(api);
    this.isStream = context.task === null || isInStream();
    this.signIn = new SignIn(api, person, () => void this.resume());
    this.queue = new SendQueue(store, api, person.id, {
      decide: (save, conflict) => conflicts.ask(save, conflict),
      isStillSignedIn: () => this.signIn.isStillSignedIn(),
      changed: () => void this.queueChanged(),
      stored: (save, completion) => {
        this.answering.stored(save, completion);
        this.leases.forget(save.task);
      },
      wantsNext: ({ task }) => (this.mayGoOnFrom(task) ? { besides: this.coming.reserved } : null),
      hasNext: (task) => this.coming.put(task),
      signedOut: () => this.signIn.ask(),
    });
    this.host = new EditorHost(page.stage, context.frameAddress, (message) => this.hear(message));
    this.answering = new Answering(context, api, store, this.queue, this.host, page, this.notices, {
      reopen: () => this.reopen(),
      signedOut: () => this.signIn.ask(),
    });
    this.leases = new LeaseKeeper(api, (task, isLabeled) => void this.leaseLost(task, isLabeled));
    this.past = new PastTasks(api, project);
    this.opened = new OpenedPredictions(api, context.predictsOpened);
    this.coming = new ComingTask(api, project, this.leases, this.opened, this.answering, this.host);
    this.empty = new EmptyQueue(page, () => void this.openNext(true));
    this.menu = new AnswerMenu(api, page, this.notices, (chosen) => this.reopen(chosen));
    this.assistant = new Assistant(api, context.interactiveModel, this.notices, (message) => this.host.send(message));
    this.refused = new RefusedSaves(store, this.queue, this.notices, person.id, (task) => void this.openTask(task));
  }

  /** Open the first task, after what an earlier visit left to be sent. */
  async start(): Promise<void> {
    this.watch();
    this.leases.start();
    await this.queue.flush();
    void sendKeptDrafts(this.store, this.api, this.context.person.id);
    const { task } = this.context;
    await (task === null ? this.openNext() : this.isStream ? this.continueAt(task) : this.openTask(task));
  }

  private watch(): void {
    this.page.previous.addEventListener("click", () => void this.goBack());
    this.page.next.addEventListener("click", () => void this.goOn());
    addEventListener("online", () => void this.resume());
    addEventListener("offline", () => this.page.showState({ kind: "unreachable" }));
    document.addEventListener("visibilitychange", () => void this.answering.flush(document.visibilityState === "hidden"));
    addEventListener("pagehide", () => this.leavePage());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    addEventListener("beforeunload", (event) => this.warnOfLoss(event));
    watchTheme(this.context.config, (theme) => this.host.sendAll({ type: "theme", theme }));
    watchCommands((command) => this.run(command), () => this.host.focus());
    watchPanel((message) => this.host.send(message));
  }

  private run(command: PageCommand): void {
    if (command === "previous") {
      void this.goBack();
    } else if (command === "next") {
      void this.goOn();
    } else {
      runCommand(command);
    }
  }

  /** Reserve and show the next task; quietly: what is shown stays until there is one. */
  private async openNext(isQuiet = false): Promise<void> {
    await this.load(() => this.coming.take(), () => void this.openNext(), isQuiet);
  }

  private async openTask(id: number, chosen?: number): Promise<void> {
    await this.load(() => this.api.task(id), () => void this.openTask(id, chosen), false, chosen);
  }

  /** The page was loaded anew in the stream: go on at the task shown, if there is something of it. */
  private async continueAt(id: number): Promise<void> {
    const task = await this.api.task(id).catch(() => undefined);
    const start = task && (await this.answering.prepare(task)).start;
    await (task && (start?.completion || start?.draft || start?.waiting) ? this.openTask(id) : this.openNext());
  }

  private reopen(chosen?: number): void {
    if (this.shown) {
      void this.openTask(this.shown.id, chosen);
    }
  }

  private async goBack(): Promise<void> {
    try {
      const id = await this.past.previous();
      await (id === null ? this.notices.tell("place", "There is no earlier task of yours.", []) : this.openTask(id));
    } catch (error) {
      this.past.stay(this.shown?.id);
      this.explain(error, () => void this.goBack());
    }
  }

  private async goOn(): Promise<void> {
    const id = this.past.next();
    if (id !== null) {
      await this.openTask(id);
    } else if (this.isStream && this.answering.isUnanswered) {
      this.notices.tell("place", "This is your latest task. Submit or skip it to get the next one.", []);
    } else {
      this.isStream = true;
      await this.openNext();
    }
  }

  private async load(fetchTask: () => Promise<Task>, again: () => void, isQuiet: boolean, chosen?: number): Promise<void> {
    const turn = (this.turn += 1);
    this.page.hideProblem();
    this.page.showState({ kind: isQuiet ? "ready" : "loading" });
    try {
      const task = await fetchTask();
      const prepared = this.coming.of(task);
      const ready = prepared ?? (await this.answering.prepare(task, chosen));
      if (turn === this.turn) {
        this.show(ready);
        await (prepared && this.host.showPrepared(task.id) ? undefined : this.host.open(ready.order));
      }
    } catch (error) {
      if (turn === this.turn) {
        this.past.stay(this.shown?.id);
        this.explain(error, again);
      }
    }
  }

  private show(ready: ReadyTask): void {
    const { task } = ready;
    this.pause = undefined;
    this.isOpened = false;
    this.shown = task;
    this.coming.forget();
    this.empty.stop();
    this.notices.clear("refused");
    this.answering.begin(ready);
    this.past.opened(task.id);
    this.page.showTask(task.id);
    this.page.previous.disabled = !this.past.mayGoBack;
    this.page.refreshProgress();
    this.menu.show(task, this.context.person.id, this.answering.completion);
    showAddress(task.id, this.isStream);
    document.dispatchEvent(new CustomEvent("label:task", { detail: { taskId: task.id } }));
  }

  private explain(error: unknown, again: () => void): void {
    this.page.showState({ kind: "ready" });
    const refusal = error instanceof ApiError ? error : undefined;
    if (refusal?.isSignedOut) {
      this.pause = "signed-out";
      this.signIn.ask();
    } else if (refusal?.body.reason !== undefined || refusal?.status === 404) {
      this.showNothing("no-task");
      this.empty.show(refusal);
    } else if (refusal?.isTemporary && this.answering.completion === null && !this.shown) {
      this.showOffline();
    } else {
      tellNotLoaded(this.page, error, again);
    }
  }

  private showNothing(pause: Pause): void {
    this.pause = pause;
    this.shown = undefined;
    this.answering.leave();
    this.host.close();
    this.past.stay(undefined);
    this.page.previous.disabled = !this.past.mayGoBack;
    this.page.refreshProgress();
  }

  private showOffline(): void {
    this.showNothing("offline");
    tellUnreachable(this.page);
  }

  private hear(message: FromEditor): void {
    switch (message.type) {
      case "opened":
        this.isOpened = true;
        void this.showStanding();
        void this.showComing(this.shown);
        void this.getNextReady();
        break;
      case "changed":
        this.leases.noteWork();
        this.answering.change(message);
        break;
      case "submit":
      case "skip":
        void this.save(message, message.type === "skip");
        break;
      case "regionSelected":
        document.dispatchEvent(new CustomEvent("label:region-selected", { detail: { id: message.id } }));
        break;
      case "drawn":
        void this.assistant.suggest(this.shown?.id, message.request, message.result);
        break;
      case "command":
        this.run(message.command);
        break;
      case "failed":
        this.reportEditorFailure(message.message);
    }
  }

  /** Show predictions that come after the task was opened, unless the person has begun. */
  private async showComing(task: Task | undefined): Promise<void> {
    const hasCome = task !== undefined && (await this.opened.fill(task));
    if (hasCome && this.shown === task && this.answering.isUnanswered && !this.answering.hasWork) {
      await this.load(async () => task, () => void this.openTask(task.id), true);
    }
  }

  /** Reserve the task after this one and open it out of sight. */
  private async getNextReady(): Promise<void> {
    const { shown } = this;
    if (shown && this.isStream && this.past.isAtEnd && this.answering.isUnanswered) {
      await this.coming.getReady(shown, () => this.shown === shown);
    }
  }

  /** Whether a submit of this task may bring the next one along. */
  private mayGoOnFrom(task: number): boolean {
    return this.isStream && this.shown?.id === task && this.past.isAtEnd && !this.coming.isBeingReserved;
  }

  private async save(answer: Answer, wasCancelled: boolean): Promise<void> {
    const { shown } = this;
    const isUpdate = this.answering.completion !== null;
    const outcome = await this.answering.save(answer, wasCancelled);
    if (outcome && shown === this.shown) {
      const kind = wasCancelled ? "skipped" : isUpdate ? "updated" : "submitted";
      await this.afterSaving(outcome, { kind });
    }
  }

  private async afterSaving(outcome: Outcome, state: SaveState): Promise<void> {
    if (outcome.kind === "refused") {
      this.page.showState({ kind: "failed" });
      tellNotSaved(this.page, outcome.message);
      return;
    }
    if (outcome.kind === "replaced") {
      this.reopen();
      return;
    }
    if (outcome.kind === "waiting" && outcome.reason === "signed-out") {
      this.pause = "signed-out";
      this.page.showState({ kind: "signed-out" });
      return;
    }
    this.page.showState(state);
    this.leases.forget(this.shown?.id);
    await this.goOnAfter(outcome);
  }

  /** The stream goes on; a task that was opened by its address stays. */
  private async goOnAfter(outcome: Outcome): Promise<void> {
    if (!this.isStream) {
      this.page.refreshProgress();
      this.page.previous.disabled = !this.past.mayGoBack;
      this.showStored(outcome);
    } else if (outcome.kind === "waiting" && !this.coming.isThere && this.past.isAtEnd) {
      this.showOffline();
    } else {
      await this.goOn();
    }
  }

  private showStored(outcome: Outcome): void {
    if (outcome.kind === "stored" && this.shown) {
      this.shown = withCompletion(this.shown, outcome.completion);
      this.menu.show(this.shown, this.context.person.id, outcome.completion);
    }
  }

  /** What waited went out, or something new waits. */
  private async queueChanged(): Promise<void> {
    await this.refused.show();
    const waiting = (await this.queue.waiting()).length;
    if (waiting > 0 && !this.signIn.isNeeded) {
      await this.showStanding();
    } else if (waiting === 0 && (this.pause === "offline" || this.pause === "signed-out")) {
      this.pause = undefined;
      await this.continueAfterPause();
    }
  }

  private async showStanding(): Promise<void> {
    const waiting = (await this.queue.waiting()).length;
    this.page.showState(waiting ? { kind: "offline", waiting } : { kind: "ready" });
  }

  private async continueAfterPause(): Promise<void> {
    this.page.showState({ kind: "ready" });
    this.page.refreshProgress();
    if (this.isStream && !this.answering.isUnanswered) {
      await this.goOn();
    } else if (!this.shown && this.context.task !== null) {
      await this.openTask(this.context.task);
    }
  }

  /** The connection, or the person, is back. */
  private async resume(): Promise<void> {
    await this.queue.flush();
    await this.showStanding();
    await this.answering.flush();
    await sendKeptDrafts(this.store, this.api, this.context.person.id);
    if (!this.shown && this.pause === "no-task") {
      await this.openNext(true);
    }
  }

  private async leaseLost(task: number, isLabeled: boolean): Promise<void> {
    if (await this.coming.drop(task)) {
      await this.getNextReady();
    } else if (this.shown?.id === task) {
      tellLeaseLost(this.notices, isLabeled);
    }
  }

  private leavePage(): void {
    void this.answering.flush(true);
    this.leases.giveBack((task) => task === this.shown?.id && this.answering.hasWork);
  }

  private warnOfLoss(event: BeforeUnloadEvent): void {
    if (!this.queue.isLasting && (this.answering.hasWork || this.answering.isQueued)) {
      event.preventDefault();
    }
  }

  private reportEditorFailure(message: string): void {
    const skip = { label: "Skip this task", run: () => void this.save({ result: [], parentPrediction: null }, true) };
    tellEditorFailed(this.page, message, this.isOpened, this.context.maySkip ? skip : null);
  }
}
