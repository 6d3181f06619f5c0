/** The files of a drop, with those in folders, in the order of their paths. */

export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries are gone after the event, so all are taken before the first wait.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.length) {
    return Array.from(transfer.files);
  }
  const files = await Promise.all(entries.map(filesIn));
  return visible(files.flat());
}

/** Leave out what systems put into folders by themselves. */
export function visible(files: readonly File[]): File[] {
  return files.filter((file) => !file.name.startsWith(".") && !/^(thumbs\.db|desktop\.ini)$/i.test(file.name));
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  // The reader gives a hundred at a time, and none at the end.
  for (let some = await read(reader); some.length; some = await read(reader)) {
    found.push(...some);
  }
  found.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  const files: File[] = [];
  for (const inner of found) {
    files.push(...(await filesIn(inner)));
  }
  return files;
}

function read(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
