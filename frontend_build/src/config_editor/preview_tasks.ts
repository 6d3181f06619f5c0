/** Which task the preview shows: made-up data, one of the first tasks, or one named by its id. */
import { element } from "./elements";

const SAMPLE = "sample";
const OTHER = "other";

export interface ChosenTask {
  id: number;
  data: Record<string, unknown>;
}

export class PreviewTasks {
  private readonly select = element<HTMLSelectElement>("preview-task");
  private readonly other = element("preview-other");
  private readonly id = element<HTMLInputElement>("preview-task-id");
  private task: ChosenTask | null = null;

  /**
   * @param address the address of a task's data with `0` for its id; null where there are no tasks yet
   * @param changed called when another task is to be shown
   * @param refused called with the reason why a task cannot be shown
   */
  constructor(
    private readonly address: string | null,
    private readonly changed: () => void,
    private readonly refused: (reason: string) => void,
  ) {
    this.select.addEventListener("change", () => void this.choose());
    this.id.addEventListener("change", () => void this.choose());
    // The field stands inside the page's form, which Enter would send.
    this.id.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        void this.choose();
      }
    });
  }

  /** The chosen task; null: sample data. */
  get chosen(): ChosenTask | null {
    return this.task;
  }

  /** The keys that the chosen task's data has. */
  get keys(): string[] {
    return Object.keys(this.task?.data ?? {});
  }

  private async choose(): Promise<void> {
    this.other.hidden = this.select.value !== OTHER;
    const id = this.select.value === OTHER ? this.id.value.trim() : this.select.value;
    if (this.select.value === OTHER && !id) {
      this.id.focus();
      return;
    }
    if (id === SAMPLE) {
      this.task = null;
    } else if (!(await this.fetch(id))) {
      return;
    }
    this.changed();
  }

  private async fetch(id: string): Promise<boolean> {
    try {
      const response = await fetch((this.address ?? "").replace(/0$/, encodeURIComponent(id)), {
        headers: { Accept: "application/json" },
      });
      if (response.ok) {
        this.task = (await response.json()) as ChosenTask;
        return true;
      }
      this.refused(response.status === 404 ? `This project has no task ${id}.` : `Task ${id} could not be loaded.`);
    } catch {
      this.refused("The server cannot be reached.");
    }
    return false;
  }
}
