/** The page's address follows the task shown; whether it came in the stream is kept beside it, also over a reload. */

interface LabelState {
  isStream?: boolean;
}

/** Whether the task in the address was reached in the stream, and not opened by its address. */
export function isInStream(): boolean {
  return (history.state as LabelState | null)?.isStream === true;
}

export function showAddress(task: number | null, isStream: boolean): void {
  const address = new URL(location.href);
  if (task === null) {
    address.searchParams.delete("task");
  } else {
    address.searchParams.set("task", String(task));
  }
  history.replaceState({ isStream } satisfies LabelState, "", address);
}
