/** Which tasks are selected: some of them, or all that match but some. */
export class Selection {
  private isAll = false;
  private ids = new Set<number>();

  /** Whether all matching tasks are selected, apart from those that were taken out. */
  get all(): boolean {
    return this.isAll;
  }

  has(id: number): boolean {
    return this.ids.has(id) !== this.isAll;
  }

  set(id: number, isSelected: boolean): void {
    if (isSelected === this.isAll) {
      this.ids.delete(id);
    } else {
      this.ids.add(id);
    }
  }

  toggle(id: number): void {
    this.set(id, !this.has(id));
  }

  /** Give all tasks of `ids` between two of them, and these too, the same state. */
  setRange(ids: readonly number[], from: number, to: number, isSelected: boolean): void {
    const ends = [ids.indexOf(from), ids.indexOf(to)].sort((one, other) => one - other);
    const [first = -1, last = -1] = ends;
    for (const id of first < 0 ? [to] : ids.slice(first, last + 1)) {
      this.set(id, isSelected);
    }
  }

  setEach(ids: readonly number[], isSelected: boolean): void {
    for (const id of ids) {
      this.set(id, isSelected);
    }
  }

  /** Select every task that matches, also those of other pages. */
  selectAll(): void {
    this.isAll = true;
    this.ids.clear();
  }

  clear(): void {
    this.isAll = false;
    this.ids.clear();
  }

  /** How many are selected of `total` that match. */
  count(total: number): number {
    return this.isAll ? Math.max(0, total - this.ids.size) : this.ids.size;
  }

  /** Return it as the API takes it. */
  document(): { all: true; excluded: number[] } | { all: false; included: number[] } {
    const ids = [...this.ids].sort((one, other) => one - other);
    return this.isAll ? { all: true, excluded: ids } : { all: false, included: ids };
  }

  /** Take over what `document` returned. */
  restore(document: { all: boolean; excluded?: number[]; included?: number[] }): void {
    this.isAll = document.all;
    this.ids = new Set(document.all ? document.excluded : document.included);
  }
}
